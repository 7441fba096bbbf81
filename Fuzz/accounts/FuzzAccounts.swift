import FirnParsing

/// passwd, shadow, group, subuid, sysusers.d and the display managers' files: read or refused with a line, never a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    do {
        for user in try AccountFiles.users(bytes).entries {
            precondition((0...4_294_967_295).contains(user.uid) && !user.name.isEmpty)
        }
        for password in try AccountFiles.passwords(bytes).entries { precondition(password.line >= 1) }
        for group in try AccountFiles.groups(bytes).entries { precondition(!group.members.contains("")) }
        for range in try AccountFiles.subordinates(bytes).entries { precondition(range.start + range.count >= 0) }
        _ = PasswordForm.classify(String(decoding: bytes, as: UTF8.self))
    } catch {
        precondition(error.line >= 1)
    }
    do {
        _ = try SysusersFile.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    do {
        _ = try DisplayManagerText.parse(bytes)
    } catch {
        precondition(error.line >= 1)
    }
    return 0
}
