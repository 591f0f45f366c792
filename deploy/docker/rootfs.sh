#!/usr/bin/env bash
# rootfs.sh PROGRAMS TARGET: fills TARGET with what the programs in the directory PROGRAMS need to run
# and nothing else: the shared libraries they load, the loader, names of users and hosts. Runs inside
# the build of the images.
set -euo pipefail
programs=$1
target=$2

libraries() {
  local program
  for program in "$programs"/*; do
    ldd "$program"
  done | sort -u
}

if libraries | grep 'not found' >&2; then
  echo 'rootfs.sh: libraries are missing: list their packages in deploy/packages.txt, [runtime];' \
    'or the copied programs were built on another release of Debian' >&2
  exit 1
fi
mkdir -p "$target"/{etc,tmp,run/secrets,usr/bin,usr/share/baimi,var/lib/baimi}
chmod 1777 "$target/tmp"
chmod 700 "$target/var/lib/baimi"
chown 65534:65534 "$target/var/lib/baimi"
# "name => path (address)", or the loader's path alone.
libraries | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | sort -u |
  while read -r library; do
    install -D -m 755 "$(realpath "$library")" "$target$library"
  done
echo 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin' >"$target/etc/passwd"
echo 'nogroup:x:65534:' >"$target/etc/group"
echo 'hosts: files dns' >"$target/etc/nsswitch.conf"
# The same sources give the same layer.
find "$target" -exec touch --no-dereference --date=@0 {} +
