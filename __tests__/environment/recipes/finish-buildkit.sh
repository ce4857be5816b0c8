#!/bin/sh
# mmdebstrap --extract-hook: a tree for `moby/buildkit`, of packages that were only unpacked.
#
# TEST_BINARIES: a folder with buildkitd and buildctl. TEST_CERTIFICATES: as for the other bases.
set -eu
root=$1
cp "$TEST_BINARIES/buildkitd" "$TEST_BINARIES/buildctl" "$root/usr/bin/"
ln -s ../sbin/runc "$root/usr/bin/buildkit-runc"
"$root/usr/bin/busybox" --list | while read -r applet; do
  [ -e "$root/usr/bin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
done
mkdir -p "$root/etc/ssl/certs" "$root/run" "$root/tmp" "$root/root" "$root/var/lib/buildkit"
if [ -n "${TEST_CERTIFICATES:-}" ]; then
  cp "$TEST_CERTIFICATES" "$root/etc/ssl/certs/ca-certificates.crt"
else
  find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat >"$root/etc/ssl/certs/ca-certificates.crt"
fi
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/fstab" "$root"/var/cache/apt/archives/*.deb
rm -f "$root"/var/lib/apt/lists/*_*
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/ca-certificates"
