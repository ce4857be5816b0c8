#!/bin/sh
# mmdebstrap --extract-hook: leaves a single static busybox and the links to it.
#
# TEST_APPLETS: a file with the names of the applets, one a line; written by the native tree, read by foreign ones.
set -eu
root=$1
if [ -z "${TEST_FOREIGN:-}" ]; then
  "$root/usr/bin/busybox" --list >"$TEST_APPLETS"
fi
# Kept: what mmdebstrap itself still wants to see in the tree (/etc/apt, /var/lib/dpkg) is emptied, not removed.
rm -rf "$root/usr/share" "$root/usr/lib" "$root/usr/sbin" "$root/lib" "$root/sbin"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/fstab"
rm -f "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_*
while read -r applet; do
  [ "$applet" = busybox ] || [ -e "$root/usr/bin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
done <"$TEST_APPLETS"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
mkdir -p "$root/root" "$root/tmp" "$root/data" "$root/usr/share"
chmod 1777 "$root/tmp"
