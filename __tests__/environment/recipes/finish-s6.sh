#!/bin/sh
# mmdebstrap --extract-hook: a base with Debian's s6 and execline, arranged as s6-overlay v3 arranges its own, with bash,
# curl and jq as in Home Assistant's bases. Debian has neither s6-rc nor s6-linux-init: the scripts in `s6/` do their work.
#
# TEST_CERTIFICATES: as for the other bases.
set -eu
root=$1
cp -R "$(dirname "$0")/s6/." "$root/"
rm -rf "$root/usr/bin/sh"
"$root/usr/bin/busybox" --list | while read -r applet; do
  # Its `halt` would stop a machine.
  case $applet in halt | init | linuxrc | poweroff | reboot | svc | svok) continue ;; esac
  [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
done
for program in "$root"/usr/bin/s6-* "$root"/usr/lib/execline/bin/*; do
  ln -s "${program#"$root"}" "$root/command/${program##*/}"
done
ln -s /command/with-contenv "$root/usr/bin/with-contenv"
mkdir -p "$root/data" "$root/root" "$root/tmp" "$root/run" "$root/etc/ssl/certs"
mkdir -p "$root/etc/cont-init.d" "$root/etc/services.d" "$root/etc/s6-overlay/s6-rc.d"
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
[ -z "${TEST_CERTIFICATES:-}" ] || cp "$TEST_CERTIFICATES" "$root/etc/ssl/certs/ca-certificates.crt"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/fstab" "$root"/var/cache/apt/archives/*.deb
rm -f "$root"/var/lib/apt/lists/*_*
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/info"
rm -rf "$root/usr/share/lintian" "$root/usr/share/perl5" "$root/usr/lib/x86_64-linux-gnu/gconv"
