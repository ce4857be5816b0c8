#!/bin/sh
# Fills the virtual environment /opt/aicleaner from requirements.txt, on Alpine and on Debian; run in a build stage.
set -eu

# What the distribution calls it: $1 on Alpine, $2 on Debian.
packages() {
  if command -v apk >/dev/null; then
    # shellcheck disable=SC2086 # a list of names
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

# The base's own pip fills the environment, so that the environment needs none.
python3 -c 'import pip' 2>/dev/null || packages py3-pip python3-pip
python3 -m venv --without-pip /opt/aicleaner
rm -rf /opt/aicleaner/include /opt/aicleaner/bin/[Aa]ctivate* /opt/aicleaner/.gitignore

if install --only-binary :all: -r requirements.txt; then
  exit 0
fi

# Something has no ready wheel here. Compilers take minutes to install where they are emulated, so everything is fetched
# and its hash checked before. What is compiled is built with pinned tools: an isolated build would fetch its own, unchecked.
install -r requirements-build.txt
pip download --no-build-isolation --require-hashes --find-links /wheels --dest /sources -r requirements.txt
packages 'gcc musl-dev python3-dev' 'gcc libc6-dev libpython3-dev'
install --no-index --find-links /sources --no-build-isolation -r requirements.txt
find /opt/aicleaner -name '*.so' -exec strip --strip-unneeded {} +
sed -n 's/^\([a-z]*\)==.*/\1/p' requirements-build.txt | xargs python3 -m pip --python /opt/aicleaner/bin/python uninstall --yes
