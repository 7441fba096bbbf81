# shellcheck shell=bash
# Runs once as root, when somebody opens the distribution for the first time (oobe.command of /etc/wsl-distribution.conf).
# The account has no password, and sudo asks for one: here it gets one. Whoever gives none still gets a shell, since WSL opens
# none after a command that fails.
user=nixos

later() {
  echo "Later: wsl -d $WSL_DISTRO_NAME -u root passwd $user"
  exit 0
}

: "${WSL_DISTRO_NAME:=nixos-ros2}"
export PATH=/run/wrappers/bin:/run/current-system/sw/bin
echo "Choose the password of $user, which sudo asks for. An empty line leaves the account without one, and without sudo."
[ -t 0 ] || later
for _ in 1 2 3; do
  passwd "$user" && exit 0
done
later
