#!/bin/sh
# mmdebstrap --extract-hook: does by hand, without running a foreign binary, what the packages' own scripts would have
# done. (Configuring them under emulation takes five minutes and a half for arm64; this takes seconds.)
#
# TEST_CERTIFICATES: a bundle that this machine trusts and the image is to trust as well, or empty.
# TEST_PYTHON_ROOT: a tree of the same release for this machine's own processor, whose Python compiles the
#   modules of the foreign one (byte code does not depend on the processor); empty for the native tree itself.
set -eu
root=$1
info=$root/var/lib/dpkg/info
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The package database, so that `apt-get install` in a build knows what is there, and whom to call when.
triggers=$root/var/lib/dpkg/triggers
mkdir -p "$triggers"
# Where these are missing, dpkg takes every trigger for activated: all certificates are renewed with the first package.
touch "$triggers/File" "$triggers/Unincorp"
for deb in "$root"/var/cache/apt/archives/*.deb; do
  control=$work/control
  rm -rf "$control"
  dpkg-deb --control "$deb" "$control"
  name=$(sed -n 's/^Package: //p' "$control/control")
  file=$name
  if grep -q '^Multi-Arch: same' "$control/control"; then
    file=$name:$(sed -n 's/^Architecture: //p' "$control/control")
  fi
  dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -e 's#^\./#/#' -e 's#/$##' -e 's#^$#/.#' >"$info/$file.list"
  {
    sed '/^Package: /a Status: install ok installed' "$control/control"
    if [ -f "$control/conffiles" ]; then
      echo 'Conffiles:'
      while read -r path; do
        [ -f "$root$path" ] && echo " $path $(md5sum <"$root$path" | cut -d' ' -f1)"
      done <"$control/conffiles"
    fi
    echo
  } >>"$root/var/lib/dpkg/status"
  if [ -f "$control/triggers" ]; then
    while read -r kind trigger; do
      case $kind in
        interest | interest-await) who=$file ;;
        interest-noawait) who=$file/noawait ;;
        *) continue ;;
      esac
      case $trigger in
        /*) echo "$trigger $who" >>"$triggers/File" ;;
        *) echo "$who" >>"$triggers/$trigger" ;;
      esac
    done <"$control/triggers"
  fi
  rm "$control/control"
  for part in "$control"/*; do
    [ -f "$part" ] && cp -p "$part" "$info/$file.${part##*/}"
  done
done

# base-passwd, base-files, libc-bin, passwd
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
echo '_apt:*:42:65534::/nonexistent:/usr/sbin/nologin' >>"$root/etc/passwd"
sed -i 's/^\([^:]*\):[^:]*:/\1:x:/' "$root/etc/passwd"
sed -i 's/^\([^:]*\):[^:]*:/\1:x:/' "$root/etc/group"
sed 's/^\([^:]*\):.*/\1:*:19000:0:99999:7:::/' "$root/etc/passwd" >"$root/etc/shadow"
sed 's/^\([^:]*\):.*/\1:*::/' "$root/etc/group" >"$root/etc/gshadow"
chmod 640 "$root/etc/shadow" "$root/etc/gshadow"
chown 0:42 "$root/etc/shadow" "$root/etc/gshadow" 2>/dev/null || true
cp "$root/usr/share/libc-bin/nsswitch.conf" "$root/etc/nsswitch.conf"
cp "$root/usr/share/base-files/profile" "$root/etc/profile"
cp "$root/usr/share/base-files/dot.bashrc" "$root/root/.bashrc"
printf '/bin/sh\n/bin/bash\n' >"$root/etc/shells"
for part in auth account password session; do
  printf '%s required pam_unix.so\n' "$part" >"$root/etc/pam.d/common-$part"
done
cp "$root/etc/pam.d/common-session" "$root/etc/pam.d/common-session-noninteractive"

# dash, mawk, tzdata
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
ln -s mawk "$root/usr/bin/awk"
ln -sf /usr/share/zoneinfo/Etc/UTC "$root/etc/localtime"

# ca-certificates: what Debian trusts, and what this machine trusts beyond that.
find "$root/usr/share/ca-certificates" -name '*.crt' | sort |
  sed "s#^$root/usr/share/ca-certificates/##" >"$root/etc/ca-certificates.conf"
if [ -n "${TEST_CERTIFICATES:-}" ]; then
  cp "$TEST_CERTIFICATES" "$root/etc/ssl/certs/ca-certificates.crt"
  # Whatever package calls update-ca-certificates has the bundle written anew, from Debian's and from what lies here.
  mkdir -p "$root/usr/local/share/ca-certificates"
  find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat >"$work/debian.crt"
  awk -v folder="$root/usr/local/share/ca-certificates" '
    /^-----BEGIN CERTIFICATE-----/ { body = ""; inside = 1 }
    inside { body = body $0 "\n" }
    /^-----END CERTIFICATE-----/ {
      inside = 0
      if (body in known) next
      known[body] = 1
      if (FILENAME != ARGV[1]) { file = folder "/machine-" ++count ".crt"; printf "%s", body >file; close(file) }
    }
  ' "$work/debian.crt" "$TEST_CERTIFICATES"
  # pip trusts a list of its own unless it is told.
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$root/etc/pip.conf"
else
  find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat >"$root/etc/ssl/certs/ca-certificates.crt"
fi

# python3: byte code. Unchecked, because the times of files are cut to seconds on their way into a layer.
tree=${TEST_PYTHON_ROOT:-$root}
loader=$(find "$tree/usr/lib" "$tree/usr/lib64" -maxdepth 2 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
libraries=$(dirname "$(find "$tree/usr/lib" -maxdepth 2 -name 'libc.so.6' | head -n 1)")
version=$(basename "$(find "$root/usr/lib" -maxdepth 1 -name 'python3.*' | head -n 1)")
PYTHONHOME=$tree/usr "$loader" --library-path "$libraries" "$tree/usr/bin/$version" -I -S -m compileall \
  -q -j 2 --invalidation-mode unchecked-hash -s "$root" -p / \
  "$root/usr/lib/$version" "$root/usr/lib/python3/dist-packages"

# As in Debian's own images: no packages are kept, none is waited for until it is safe on the disk.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/container"
{
  kept='/var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin'
  echo "DPkg::Post-Invoke { \"rm -f $kept || true\"; };"
  echo "APT::Update::Post-Invoke { \"rm -f $kept || true\"; };"
  echo 'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";'
  echo 'Acquire::Languages "none"; Acquire::GzipIndexes "true";'
} >"$root/etc/apt/apt.conf.d/container"

# What nobody reads in a container, and what the engine provides itself.
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/fstab"
rm -rf "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/info" "$root/usr/share/lintian"
find "$root/usr/share/doc" -depth -type f ! -name copyright -delete
find "$root/usr/share/doc" -type l -delete
find "$root/usr/share/doc" -depth -type d -empty -delete
