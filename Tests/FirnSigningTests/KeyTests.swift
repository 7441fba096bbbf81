import FirnSigning
import Testing

/// Keys in the forms of OpenSSH and OpenSSL, read from and by the real programs.
@Suite struct KeyTests {
    /// RFC 8032 section 7.1, test 1.
    static let seed: [UInt8] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
        0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    ]
    static let publicBytes: [UInt8] = [
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
        0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
    ]
    /// The signature of the empty message.
    static let signatureStart: [UInt8] = [0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72]

    @Test func theVectorOfRFC8032() throws {
        let key = try PrivateKey(seed: Self.seed)
        #expect(key.publicKey.bytes == Self.publicBytes)
        #expect(Array(try key.signature(of: []).prefix(8)) == Self.signatureStart)
    }

    @Test func keysOfSSHKeygenAreReadAndNamedAsItNamesThem() throws {
        try Judge.withDirectory { directory in
            for comment in ["", "a", "ab", "abc", "abcdefgh", "build key of the image host, 2026"] {
                let path = directory + "/key\(comment.utf8.count)"
                let run = try Judge.run(
                    "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])
                try #require(run.code == 0, "\(run.err)")
                let privateKey = try PrivateKey(file: try Judge.bytes(path))
                let publicKey = try PublicKey(file: try Judge.bytes(path + ".pub"))
                #expect(privateKey.publicKey == publicKey)
                let listed = try Judge.run("ssh-keygen", ["-l", "-f", path + ".pub"]).out
                #expect(listed.split(separator: " ")[1] == publicKey.fingerprint[...])
                // And the way back: ssh-keygen reads the line we write.
                try Judge.write(Array((publicKey.openSSH + "\n").utf8), directory + "/again.pub")
                let again = try Judge.run("ssh-keygen", ["-l", "-f", directory + "/again.pub"]).out
                #expect(again.contains(publicKey.fingerprint))
            }
        }
    }

    @Test func keysOfOpenSSLAreReadAndOursByIt() throws {
        try Judge.withDirectory { directory in
            let path = directory + "/key.pem"
            try #expect(Judge.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path]).code == 0)
            let key = try PrivateKey(file: try Judge.bytes(path))
            try #expect(Array(key.pem.utf8) == Judge.bytes(path))
            let publicPEM = try Judge.run("openssl", ["pkey", "-in", path, "-pubout"]).out
            #expect(key.publicKey.pem == publicPEM)
            try #expect(PublicKey(file: Array(publicPEM.utf8)) == key.publicKey)
            try Judge.write(Array(key.pem.utf8), directory + "/ours.pem")
            let read = try Judge.run("openssl", ["pkey", "-in", directory + "/ours.pem", "-pubout"])
            #expect(read.code == 0 && read.out == publicPEM)
            // OpenSSL verifies a signature of ours over the same bytes.
            let message = Array("what was signed".utf8)
            try Judge.write(message, directory + "/message")
            try Judge.write(try key.signature(of: message), directory + "/signature")
            try Judge.write(Array(publicPEM.utf8), directory + "/public.pem")
            func check() throws -> Int32 {
                try Judge.run(
                    "openssl",
                    [
                        "pkeyutl", "-verify", "-pubin", "-inkey", directory + "/public.pem", "-rawin", "-in",
                        directory + "/message", "-sigfile", directory + "/signature",
                    ]
                ).code
            }
            try #expect(check() == 0)
            try Judge.write(Array("what was singed".utf8), directory + "/message")
            try #expect(check() != 0, "the judge refuses nothing")
        }
    }

    @Test func anEncryptedKeyIsRefusedWithTheCommandThatDecryptsIt() throws {
        try Judge.withDirectory { directory in
            let ssh = directory + "/ssh"
            try #expect(Judge.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", ssh]).code == 0)
            let sshError = #expect(throws: KeyError.self) { try PrivateKey(file: try Judge.bytes(ssh)) }
            #expect(sshError?.message.contains("ssh-keygen -p -N ''") == true)
            // The command it names does what it says.
            try #expect(Judge.run("ssh-keygen", ["-q", "-p", "-P", "secret", "-N", "", "-f", ssh]).code == 0)
            #expect(throws: Never.self) { try PrivateKey(file: try Judge.bytes(ssh)) }

            let pem = directory + "/pem"
            let made = try Judge.run(
                "openssl", ["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret", "-out", pem])
            #expect(made.code == 0)
            let pemError = #expect(throws: KeyError.self) { try PrivateKey(file: try Judge.bytes(pem)) }
            #expect(pemError?.message.contains("openssl pkey -in KEY -out DECRYPTED") == true)
        }
    }

    @Test(arguments: ["rsa", "ecdsa"])
    func otherKindsAreRefusedByName(kind: String) throws {
        try Judge.withDirectory { directory in
            let path = directory + "/key"
            try #expect(Judge.run("ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", path]).code == 0)
            let error = #expect(throws: KeyError.self) { try PublicKey(file: try Judge.bytes(path + ".pub")) }
            #expect(error?.message.contains("only ssh-ed25519 is supported") == true)
            let privateError = #expect(throws: KeyError.self) { try PrivateKey(file: try Judge.bytes(path)) }
            #expect(privateError?.message.contains("ssh-ed25519") == true)
        }
    }

    @Test func aPrivateKeyWhereAPublicOneIsAskedForSaysSoAndTheOtherWay() throws {
        let key = try PrivateKey(seed: Self.seed)
        let asPublic = #expect(throws: KeyError.self) { try PublicKey(file: Array(key.pem.utf8)) }
        #expect(asPublic?.message.contains("this is a private key") == true)
        for text in [key.publicKey.pem, key.publicKey.openSSH] {
            let asPrivate = #expect(throws: KeyError.self) { try PrivateKey(file: Array(text.utf8)) }
            #expect(asPrivate?.message.contains("this is a public key") == true)
        }
    }

    @Test func everyChangedByteOfAKeyFileIsAnotherKeyOrNone() throws {
        try Judge.withDirectory { directory in
            let path = directory + "/key"
            try #expect(Judge.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "c", "-f", path]).code == 0)
            let original = try Judge.bytes(path)
            let key = try PrivateKey(file: original)
            var refused = 0
            for index in original.indices {
                var changed = original
                changed[index] ^= 0x01
                do {
                    let other = try PrivateKey(file: changed)
                    // The check numbers and the comment bind nothing; the key itself is held twice.
                    #expect(other.publicKey == key.publicKey)
                } catch { refused += 1 }
            }
            #expect(refused > original.count / 2)
        }
    }

    @Test func truncatedKeyFilesAreRefused() throws {
        let pem = Array(try PrivateKey(seed: Self.seed).pem.utf8)
        for length in 0..<(pem.count - 1) {
            #expect(throws: KeyError.self) { try PrivateKey(file: Array(pem.prefix(length))) }
        }
    }

    /// y = 0, 1, -1 and the two of order 8, and the unreduced spellings of 0 and 1, each with both signs.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ])
    func keysOfSmallOrderAreRefused(hex: String) throws {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while !rest.isEmpty {
            bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
            rest = rest.dropFirst(2)
        }
        for sign: UInt8 in [0, 0x80] {
            var point = bytes
            point[31] |= sign
            let error = #expect(throws: KeyError.self) { try PublicKey(bytes: point) }
            #expect(error?.message.contains("small order") == true)
        }
    }

    @Test func theSecretIsInNoDescription() throws {
        let key = try PrivateKey(seed: Self.seed)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains(key.publicKey.fingerprint))
            #expect(!text.contains("157") && !text.lowercased().contains("9d61"))
        }
    }
}
