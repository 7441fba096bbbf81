import FirnModel
import Testing

@testable import FirnFacts

@Suite("facts of mounts")
struct MountsFactsTests {
    private func facts(_ fstab: String, _ files: [String: String] = [:]) throws -> Snapshot {
        try BootRoomSupport.mounts(files.merging(["/etc/fstab": fstab]) { $1 })
    }

    @Test func whatIsMountedOfItsOwnHasOptions() throws {
        let facts = try facts("/dev/vda1 / ext4 defaults 0 1\n/dev/vda2 /home/ ext4 nosuid,nodev,mode=0755 0 2\n")
        #expect(facts.list("mounts.options./home") == ["mode=0755", "nodev", "nosuid"])
        #expect(facts.list("mounts.options./") == [])
        #expect(facts.isAbsent("mounts.options./tmp"))
    }

    @Test func aMountUnitWinsOverFstabWhichWinsOverTheSpecialOnes() throws {
        let files = [
            "/etc/systemd/system/tmp.mount": "[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\nOptions=nosuid,nodev\n",
            "/etc/systemd/system/tmp.mount.d/overrides.conf": "[Mount]\nOptions=nosuid,nodev,noexec\n",
        ]
        let facts = try facts("tmpfs /tmp tmpfs defaults\nproc /proc proc nosuid,hidepid=invisible\n", files)
        #expect(facts.list("mounts.options./tmp") == ["nodev", "noexec", "nosuid"])
        #expect(facts.list("mounts.options./proc") == ["hidepid=2", "nosuid"])
        #expect(facts.list("mounts.special.weak") == ["/proc nodev", "/proc noexec"])
    }

    @Test func theLoadersFileSystemsAreJudgedTogether() throws {
        let mixed = try facts("/dev/vda1 /boot ext4 nosuid\n/dev/vda2 /efi vfat noexec\n")
        #expect(mixed.list("mounts.loader.without-nodev") == ["/boot"])
        #expect(mixed.list("mounts.loader.without-nosuid") == [])
        #expect(mixed.list("mounts.loader.without-noexec") == ["/boot"])
        // FAT has neither device files nor set-user-id programs.
        let fat = try facts("/dev/vda2 /boot vfat defaults\n")
        #expect(fat.isAbsent("mounts.loader.without-nodev"))
        #expect(fat.list("mounts.loader.without-noexec") == ["/boot"])
        #expect(try facts("/dev/vda2 /boot auto defaults\n").isUnavailable("mounts.loader.without-nosuid"))
        #expect(try facts("").isAbsent("mounts.loader.without-noexec"))
    }

    @Test func whereContainersAreKeptIsNoDataFileSystem() throws {
        let facts = try facts(
            """
            /dev/vda1 /var/lib/docker ext4 defaults
            /dev/vda2 /var/lib/containers/storage xfs defaults
            /dev/vda3 /var/lib/dockerish ext4 defaults
            /dev/vda4 /usr ext4 nodev,nosuid

            """)
        #expect(facts.list("mounts.other.without-nodev") == ["/var/lib/dockerish"])
        #expect(facts.list("mounts.other.without-noexec") == ["/var/lib/dockerish"])
        #expect(
            try self.facts("/dev/vda4 /usr ext4 defaults\n").list("mounts.other.without-nosuid") == ["/usr"])
    }

    @Test func aFileSystemInCompressedMemory() throws {
        let conf = """
            [zram0]
            zram-size = ram * 0.5
            fs-type = ext4
            mount-point = /tmp
            options = X-mount.mode=1777,discard,nodev

            [zram1]
            writeback-device = /dev/vda9

            """
        let facts = try facts("/dev/vda1 / ext4 defaults\n", ["/etc/systemd/zram-generator.conf": conf])
        #expect(facts.list("mounts.options./tmp") == ["nodev"])
        #expect(facts.fact("mounts.tmp.volatile")?.value == .boolean(true))
        #expect(facts.list("mounts.swap.unencrypted") == ["/dev/vda9"])
    }

    @Test func aMaskedMountUnitMountsNothing() throws {
        let facts = try facts("", ["/etc/systemd/system/tmp.mount": "-> /dev/null"])
        #expect(facts.isAbsent("mounts.options./tmp"))
    }

    @Test func ofTwoLinesForOnePlaceTheFirstCounts() throws {
        let facts = try facts("/dev/vda2 /home ext4 nosuid\n/dev/vda3 /home ext4 suid\n")
        #expect(facts.list("mounts.options./home") == ["nosuid"])
    }

    @Test func aBindMountThatStatesNothingHasTheFlagsOfItsSource() throws {
        let facts = try facts(
            "/dev/vda1 / ext4 defaults\n/dev/vda2 /persist ext4 nosuid,nodev\n/persist/home /home none bind,x-gvfs-hide\n"
                + "/persist/srv /srv none bind,noexec\n")
        #expect(facts.list("mounts.options./home") == ["nodev", "nosuid"])
        // What remounting with flags keeps of the source's is not counted on.
        #expect(facts.list("mounts.options./srv") == ["noexec"])
    }

    @Test func bindsInACircleEnd() throws {
        let facts = try facts("/a /b none bind\n/b /a none bind\n")
        #expect(facts.list("mounts.options./a") == [])
    }

    @Test func aLineThatCannotBeReadMakesAbsenceUnknown() throws {
        let facts = try facts("/dev/vda1 / ext4 defaults\nbroken\n//s/x /srv/x cifs guest\n")
        #expect(facts.isUnavailable("mounts.options./tmp"))
        #expect(facts.isUnavailable("mounts.other.without-nodev"))
        #expect(facts.list("mounts.network.guest") == ["/srv/x"])
    }

    @Test func aDanglingFstabIsNotAnEmptyOne() throws {
        let facts = try BootRoomSupport.mounts(["/etc/fstab": "-> /nix/store/gone"])
        #expect(facts.isUnavailable("mounts.swap.unencrypted"))
        #expect(facts.isUnavailable("mounts.options./tmp"))
    }

    @Test func networkFileSystems() throws {
        let facts = try facts(
            "srv:/x /a nfs4 nosuid,nodev\nsrv:/y /b nfs sec=krb5p\n//s/c /c cifs username=Guest,nosuid,suid\n"
                + "//s/d /d smb3 sec=none,nosuid,vers=1.0\ntmpfs /e tmpfs defaults\n")
        #expect(facts.list("mounts.network.without-nosuid") == ["/b", "/c"])
        #expect(facts.list("mounts.network.guest") == ["/c", "/d"])
        #expect(facts.list("mounts.network.smb1") == ["/d"])
        #expect(facts.list("mounts.network.unauthenticated") == ["/a"])
        #expect(facts.list("mounts.other.without-nosuid") == ["/e"])
    }

    @Test func noPasswordIsShown() throws {
        let facts = try facts(
            "//s/a /a cifs username=u,password=hunter2 0 0\n//s/b /b cifs user=u%hunter2 0 0\n"
                + "https://u:hunter2@h/dav /c davfs nosuid 0 0\n//s/d /d cifs credentials=/run/secrets/x 0 0\n")
        #expect(facts.list("mounts.network.credentials") == ["/a", "/b", "/c"])
        #expect(!facts.everyWord.contains("hunter2"))
    }

    @Test func sharesOfFUSE() throws {
        let facts = try facts(
            "sshfs#anna@h:/x /a fuse defaults\nu:hunter2@h:/x /b fuse.sshfs nosuid\nanna@h:/x /c fuse.sshfs nosuid\n")
        #expect(facts.list("mounts.network.without-nosuid") == ["/a"])
        #expect(facts.list("mounts.network.credentials") == ["/b"])
        #expect(!facts.everyWord.contains("hunter2"))
    }

    @Test func volumesOfCrypttabAndMemoryThatIsWrittenBack() throws {
        let facts = try facts(
            "/dev/mapper/swap none swap defaults\n",
            [
                "/etc/crypttab": "swap /dev/vda3 /dev/urandom swap\n",
                "/etc/systemd/zram-generator.conf": "[zram0]\nzram-size = ram\nwriteback-device = /dev/vda4\n",
            ])
        #expect(facts.list("mounts.swap.unencrypted") == ["/dev/vda4"])
    }

    @Test func usersMayNotBringSetUserIDPrograms() throws {
        let facts = try facts(
            "/dev/sdb1 /a vfat user,noauto\n/dev/sdb2 /b ext4 users,suid,noauto\n/dev/sdb3 /c ext4 dev,owner\n"
                + "/dev/sdb4 /d ext4 user,dev\n/dev/sdb5 /e ext4 suid\n")
        #expect(facts.list("mounts.user-mountable") == ["/b", "/d"])
    }

    @Test(
        "masks of the loader's partition",
        arguments: [
            ("vfat defaults", true), ("vfat fmask=0022,dmask=0022", true), ("vfat umask=0077", false),
            ("vfat fmask=0077,dmask=0077", false), ("vfat dmask=0027", false), ("vfat fmask=0137", false),
            ("vfat umask=0077,fmask=0022,dmask=0022", true), ("vfat fmask=0022,dmask=0022,umask=0077", false),
            ("ext4 defaults", false), ("msdos umask=022", true),
        ])
    func loader(_ fields: String, _ isReadable: Bool) throws {
        let facts = try facts("/dev/vda1 /boot \(fields) 0 2\n")
        #expect(facts.list("mounts.loader.readable") == (isReadable ? ["/boot"] : []))
    }

    @Test func aMaskThatIsNoNumberIsUnknown() throws {
        #expect(try facts("/dev/vda1 /boot vfat umask=x\n").isUnavailable("mounts.loader.readable"))
        #expect(try facts("/dev/vda1 /boot auto umask=0077\n").isUnavailable("mounts.loader.readable"))
    }

    @Test(
        "swap",
        arguments: [
            ("/dev/vda2", ["/dev/vda2"]), ("/dev/disk/by-partuuid/1", ["/dev/disk/by-partuuid/1"]),
            ("PARTLABEL=swap", ["PARTLABEL=swap"]), ("/dev/zram0", []), ("/dev/disk/by-label/swap", nil),
            ("UUID=1", nil), ("/dev/mapper/vg-swap", nil), ("/swapfile", nil), ("/dev/mapper/random", []),
        ] as [(String, [String]?)])
    func swap(_ device: String, _ plain: [String]?) throws {
        let files = [
            "/etc/systemd/system/mkswap-random.service": "[Service]\nExecStart=/nix/store/x/bin/start \n",
            "/nix/store/x/bin/start": "cryptsetup plainOpen -d /dev/urandom /dev/vda2 random\n",
        ]
        let facts = try facts("\(device) none swap defaults\n", files)
        #expect(facts.list("mounts.swap.unencrypted") == plain)
        #expect(facts.isUnavailable("mounts.swap.unencrypted") == (plain == nil))
    }

    @Test func aPlainSwapDeviceIsReportedBesideAnUnclearOne() throws {
        let facts = try facts("UUID=1 none swap\n/dev/vda2 none swap\n")
        #expect(facts.list("mounts.swap.unencrypted") == ["/dev/vda2"])
    }

    @Test func specialMountsThatCannotBeReadAreUnknown() throws {
        let gone = try BootRoomSupport.mounts(["/toplevel/activate": "source /nix/store/gone-mounts.sh\n"])
        #expect(gone.isUnavailable("mounts.options./proc") && gone.isUnavailable("mounts.special.weak"))
        let odd = try BootRoomSupport.mounts([BootRoomSupport.mountsScript: "mount -t proc proc /proc\n"])
        #expect(odd.isUnavailable("mounts.options./dev/shm"))
    }

    @Test(
        "the store",
        arguments: [
            (
                "/toplevel/boot.json", "{\"org.nixos.nixos-init.v1\":{\"nix_store_mount_opts\":[\"ro\",\"nodev\"]}}",
                true
            ),
            ("/toplevel/boot.json", "{\"org.nixos.nixos-init.v1\":{\"nix_store_mount_opts\":[\"nodev\"]}}", false),
            ("/toplevel/prepare-root", "for mount_opt in ro nodev ; do\ndone\n", true),
            ("/toplevel/prepare-root", "for mount_opt in nodev ; do\ndone\n", false),
            (
                "/toplevel/prepare-root",
                "if [ -n \"1\" ]; then\n if [ -z \"$container\" ]; then\n fi\n mount -o remount,ro,bind /nix/store\nfi\n",
                true
            ),
            ("/toplevel/prepare-root", "if [ -n \"\" ]; then\n mount -o remount,ro,bind /nix/store\nfi\n", false),
        ])
    func store(_ path: String, _ text: String, _ isReadOnly: Bool) throws {
        let facts = try BootRoomSupport.mounts([path: text])
        #expect(facts.fact("mounts.nix-store.read-only")?.value == .boolean(isReadOnly))
    }

    @Test func tmpIsEmptiedByRulesOfTmpfiles() throws {
        let rules = "/etc/tmpfiles.d/00-nixos.conf"
        #expect(try facts("", [rules: "D! /tmp 1777 root root\n"]).fact("mounts.tmp.volatile")?.value == .boolean(true))
        #expect(
            try facts("", [rules: "q /tmp 1777 root root 10d\nD /tmp/x\n# D /tmp\n"]).fact("mounts.tmp.volatile")?.value
                == .boolean(false))
        #expect(try facts("tmpfs / tmpfs mode=0755\n").fact("mounts.tmp.volatile")?.value == .boolean(true))
    }

    // MARK: Declared

    private static let common =
        "\"boot\":{\"tmp\":{\"useTmpfs\":false},\"specialFileSystems\":{},\"initrd\":{\"luks\":{\"devices\":{LUKS}}}}"

    private func declared(
        _ fileSystems: String, swap: String = "[]", luks: String = "", more: String = ",\"systemd\":{\"units\":{}}"
    ) throws -> Snapshot {
        let common = Self.common.replacing("LUKS", with: luks)
        return try BootRoomSupport.declaredMounts(
            "{\"fileSystems\":{\(fileSystems)},\"swapDevices\":\(swap),\(common)\(more)}")
    }

    private func fileSystem(_ target: String, _ device: String, _ type: String = "ext4") -> String {
        "\"\(target)\":{\"device\":\"\(device)\",\"fsType\":\"\(type)\",\"options\":[\"defaults\"]}"
    }

    @Test(
        "what lies readable on disk",
        arguments: [
            ("/dev/vda1", "", ["/"]), ("/dev/mapper/crypt", "\"crypt\":{}", []),
            ("/dev/disk/by-uuid/1", "", ["/"]), ("/dev/disk/by-uuid/1", "\"crypt\":{}", nil),
            ("/dev/mapper/vg-root", "\"crypt\":{}", nil), ("/dev/vda1", "\"crypt\":{}", ["/"]),
        ] as [(String, String, [String]?)])
    func encryption(_ device: String, _ luks: String, _ plain: [String]?) throws {
        let facts = try declared(fileSystem("/", device) + "," + fileSystem("/boot", "/dev/vda9", "vfat"), luks: luks)
        #expect(facts.list("mounts.unencrypted") == plain)
        #expect(facts.isUnavailable("mounts.unencrypted") == (plain == nil))
    }

    @Test func fileSystemsThatEncryptThemselvesAreUnclear() throws {
        #expect(try declared(fileSystem("/", "rpool/root", "zfs")).isUnavailable("mounts.unencrypted"))
    }

    @Test(
        "declared swap",
        arguments: [
            ("{\"device\":\"/dev/vda2\",\"randomEncryption\":{\"enable\":true}}", "", []),
            ("{\"device\":\"/dev/vda2\",\"randomEncryption\":{\"enable\":false}}", "", ["/dev/vda2"]),
            ("{\"device\":\"/var/swap\"}", "\"crypt\":{}", []),
            ("{\"device\":\"/dev/mapper/crypt\"}", "\"crypt\":{}", []),
            ("{\"device\":\"/dev/disk/by-label/swap\"}", "", ["/dev/disk/by-label/swap"]),
            ("{\"device\":\"/dev/disk/by-label/swap\"}", "\"crypt\":{}", nil),
        ] as [(String, String, [String]?)])
    func declaredSwap(_ swap: String, _ luks: String, _ plain: [String]?) throws {
        let facts = try declared(fileSystem("/", "/dev/mapper/crypt"), swap: "[\(swap)]", luks: luks)
        #expect(facts.list("mounts.swap.unencrypted") == plain)
    }

    @Test(
        "whether /tmp is emptied",
        arguments: [
            ("\"rules\":[],\"settings\":{},\"packages\":[]", false),
            ("\"rules\":[\"D /tmp 1777 root root -\"]", true),
            ("\"rules\":[],\"settings\":{\"x\":{\"/tmp\":{\"D!\":{}}}},\"packages\":[]", true),
            ("\"rules\":[],\"settings\":{\"x\":{\"/tmp\":{\"q\":{}}}},\"packages\":[]", false),
            // A package may bring a rule where the export does not name them.
            ("\"rules\":[]", nil),
        ] as [(String, Bool?)])
    func emptiedTmp(_ tmpfiles: String, _ isEmptied: Bool?) throws {
        let facts = try BootRoomSupport.declaredMounts(
            "{\"fileSystems\":{\(fileSystem("/", "/dev/vda1"))},\"swapDevices\":[],\"systemd\":{\"units\":{},\"tmpfiles\":{\(tmpfiles)}},"
                + "\"boot\":{\"tmp\":{\"useTmpfs\":false,\"cleanOnBoot\":false},\"specialFileSystems\":{}}}")
        #expect(facts.fact("mounts.tmp.volatile")?.value == isEmptied.map { .boolean($0) })
    }

    @Test(
        "the store's options by release",
        arguments: [
            ("\"boot\":{\"nixStoreMountOpts\":[\"nodev\"]}", false),
            (
                "\"boot\":{\"bootspec\":{\"extensions\":{\"org.nixos.nixos-init.v1\":{\"nix_store_mount_opts\":[\"ro\"]}}}}",
                true
            ),
            ("\"boot\":{\"readOnlyNixStore\":false}", false), ("\"nix\":{\"readOnlyStore\":false}", false),
            ("\"boot\":{}", nil),
        ] as [(String, Bool?)])
    func declaredStore(_ options: String, _ isReadOnly: Bool?) throws {
        let facts = try BootRoomSupport.declaredMounts("{\(options)}")
        #expect(facts.fact("mounts.nix-store.read-only")?.value == isReadOnly.map { .boolean($0) })
        #expect(facts.isUnavailable("mounts.nix-store.read-only") == (isReadOnly == nil))
    }

    @Test func aVolumeOpenedByCrypttabIsNotCalledPlain() throws {
        let facts = try declared(
            fileSystem("/data", "/dev/mapper/data"),
            more: ",\"environment\":{\"etc\":{\"crypttab\":{\"text\":\"\"}}},\"systemd\":{\"units\":{}}")
        #expect(facts.isUnavailable("mounts.unencrypted"))
        let named = try declared(fileSystem("/data", "/dev/mapper/real"), luks: "\"x\":{\"name\":\"real\"}")
        #expect(named.list("mounts.unencrypted") == [])
    }

    @Test func anUnseenMountUnitMakesAbsenceUnknown() throws {
        let facts = try declared(
            fileSystem("/", "/dev/vda1"),
            more:
                ",\"systemd\":{\"units\":{\"var-lib-x.mount\":{\"enable\":true},\"tmp.mount\":{},\"run-wrappers.mount\":{}}}"
        )
        #expect(facts.isUnavailable("mounts.options./var"))
        let seen = try declared(
            fileSystem("/", "/dev/vda1"),
            more:
                ",\"systemd\":{\"mounts\":[{\"where\":\"/tmp\",\"what\":\"tmpfs\",\"type\":\"tmpfs\",\"mountConfig\":{\"Options\":\"nosuid\"}}]}"
        )
        #expect(seen.list("mounts.options./tmp") == ["nosuid"])
        #expect(seen.isAbsent("mounts.options./var"))
    }

    @Test func anExportWithoutFileSystemsProvesNothing() throws {
        let facts = try BootRoomSupport.declaredMounts("{\"boot\":{}}")
        for key in ["mounts.options./tmp", "mounts.network.guest", "mounts.swap.unencrypted", "mounts.special.weak"] {
            #expect(facts.isUnavailable(key), "\(key)")
        }
    }
}
