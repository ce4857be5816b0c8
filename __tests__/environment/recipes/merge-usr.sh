#!/bin/sh
# mmdebstrap --setup-hook: keeps the release itself (mirrors of a foreign architecture's updates and security suites
# are not always whole) and makes /bin, /lib and /sbin links into /usr before the first package is unpacked.
set -eu
root=$1
sed -i -n '/^deb /{p;q}' "$root/etc/apt/sources.list"
for directory in bin lib sbin; do
  mkdir -p "$root/usr/$directory"
  ln -s "usr/$directory" "$root/$directory"
done
if [ "$TEST_ARCHITECTURE" = amd64 ]; then
  mkdir -p "$root/usr/lib64"
  ln -s usr/lib64 "$root/lib64"
fi
