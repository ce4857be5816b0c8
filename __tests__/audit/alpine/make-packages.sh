#!/bin/sh
# Packages with the names of compilers and headers, 300 kB each, and their index. Run in the `packages` stage.
set -eu
architecture=$(apk --print-arch)
mkdir -p "/repository/$architecture"
cd "/repository/$architecture"
for name in gcc musl-dev zlib-dev libmodem; do
  mkdir -p "/files/$name/usr/lib/$name"
  head -c 300000 /dev/urandom >"/files/$name/usr/lib/$name/data"
  # As much text as makes the index as large as the one of a real repository is beside its packages.
  apk mkpkg --info "name:$name" --info version:1.0-r0 --info "arch:$architecture" \
    --info "description:$(head -c 12000 /dev/urandom | od -An -tx1 | tr -d ' \n')" \
    --files "/files/$name" --output "$name-1.0-r0.apk"
done
apk mkndx --allow-untrusted --output Packages.adb ./*.apk
