#!/bin/sh
# Installs requirements.txt into the virtual environment /opt/aicleaner, on Alpine or Debian. Runs in a build stage.
set -eu

# Installs packages of the distribution: $1 lists their names on Alpine, $2 on Debian.
install_packages() {
  if command -v apk >/dev/null; then
    # shellcheck disable=SC2086 # splits the list into names
    apk add --cache-dir /var/cache/apk $1
  else
    apt-get update -o Acquire::Languages=none
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $2
  fi
}

pip() {
  python3 -m pip --python /opt/aicleaner/bin/python --disable-pip-version-check "$@"
}

install() {
  pip install --root-user-action=ignore --no-compile --require-hashes --find-links /wheels "$@"
}

# The pip of the base image installs into the environment, so the environment needs no pip.
python3 -c 'import pip' 2>/dev/null || install_packages py3-pip python3-pip
python3 -m venv --without-pip /opt/aicleaner
rm -rf /opt/aicleaner/include /opt/aicleaner/bin/[Aa]ctivate* /opt/aicleaner/.gitignore

if install --only-binary :all: -r requirements.txt; then
  exit 0
fi

# A package has no wheel for this platform. Installing compilers takes minutes under emulation, so first download all
# sources and check their hashes. Build with pinned tools: an isolated build would download its own, unchecked.
install -r requirements-build.txt
pip download --no-build-isolation --require-hashes --find-links /wheels --dest /sources -r requirements.txt
install_packages 'gcc musl-dev python3-dev' 'gcc libc6-dev libpython3-dev'
install --no-index --find-links /sources --no-build-isolation -r requirements.txt
find /opt/aicleaner -name '*.so' -exec strip --strip-unneeded {} +
sed -n 's/^\([a-z]*\)==.*/\1/p' requirements-build.txt | xargs python3 -m pip --python /opt/aicleaner/bin/python uninstall --yes
