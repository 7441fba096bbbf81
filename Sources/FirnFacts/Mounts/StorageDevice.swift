/// What a device's path tells about encryption.
enum StorageDevice {
    /// What a path names.
    enum Kind: Sendable, Hashable {
        /// A disk or partition itself.
        case partition
        /// Found by what is on it: a label or UUID, which may lie within an encrypted volume.
        case content
        /// A mapping of the device mapper, by name.
        case mapping(String)
        /// Compressed memory.
        case memory
        /// A path that is no device: a file on a file system.
        case file
        /// Anything else.
        case other
    }

    static func kind(_ path: String) -> Kind {
        if ["LABEL=", "UUID="].contains(where: path.hasPrefix) { return .content }
        if ["PARTLABEL=", "PARTUUID="].contains(where: path.hasPrefix) { return .partition }
        guard path.hasPrefix("/dev/") else { return path.hasPrefix("/") ? .file : .other }
        let name = path.dropFirst(5)
        if name.hasPrefix("mapper/") { return .mapping(String(name.dropFirst(7))) }
        if name.hasPrefix("disk/by-label/") || name.hasPrefix("disk/by-uuid/") { return .content }
        if name.hasPrefix("disk/by-partlabel/") || name.hasPrefix("disk/by-partuuid/")
            || name.hasPrefix("disk/by-path/")
        {
            return .partition
        }
        if name.hasPrefix("disk/by-id/") {
            let id = name.dropFirst("disk/by-id/".count)
            return id.hasPrefix("dm-") || id.hasPrefix("lvm-") || id.hasPrefix("md-") ? .other : .partition
        }
        if name.hasPrefix("zram") { return .memory }
        // Disks of the kernel: SCSI, virtio, Xen, NVMe, MMC, and old IDE (Documentation/admin-guide/devices.txt).
        let prefixes = ["sd", "vd", "xvd", "hd", "nvme", "mmcblk"]
        if !name.contains("/"), prefixes.contains(where: name.hasPrefix) { return .partition }
        return .other
    }
}
