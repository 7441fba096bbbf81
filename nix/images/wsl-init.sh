# shellcheck shell=bash
# The init of the fallback: what has to be done between WSL, which starts it as process 1, and systemd. NixOS-WSL has a
# program for it. WSL has mounted /proc, /sys, /dev and /run already.
set -u
export PATH=@path@
system=/nix/var/nix/profiles/system

mount --make-rshared /

# The build users of Nix write to the store through the daemon, which mounts it writable for itself.
chown 0:30000 /nix/store
chmod 1775 /nix/store
mount --bind /nix/store /nix/store
mount -o remount,bind,ro /nix/store

LANG=C.UTF-8 "$system/activate" >/dev/kmsg 2>&1
ln -sfn "$(readlink -f "$system")" /run/booted-system
exec "$system/systemd/lib/systemd/systemd" --log-target=kmsg "$@"
