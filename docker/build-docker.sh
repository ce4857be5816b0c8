#!/usr/bin/env bash
# The three calls of the AICleaner guide, on top of aicleaner-build:
#   ./build-docker.sh VERSION single [LOAD] [ARCH]   one architecture, built and smoke tested
#   ./build-docker.sh VERSION multi  [LOAD] [ARCH]   amd64, aarch64 and armv7
#   ./build-docker.sh VERSION test   [LOAD] [ARCH]   as strict as it gets: every finding of the audit fails
# LOAD  true: leave the tested images in Docker, as aicleaner:VERSION (single) or aicleaner:VERSION-ARCH. Default: true
#       for single, else false.
# ARCH  amd64, aarch64 or armv7; several with commas. Default: this machine's for single, else all three.
# Environment: BUILD_FROM another base, `{arch}` is filled in; PUSH=true publish what passed; REPORT_PATH folder of the
#       report (default: ./aicleaner-build).
set -euo pipefail

report=$(realpath -m "${REPORT_PATH:-aicleaner-build}")
script=$(realpath "${BASH_SOURCE[0]}")
cd "$(dirname "$script")"

fail() {
  echo "build-docker.sh: $1" >&2
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$script" >&2
  exit 2
}

machine() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64 | arm64) echo aarch64 ;;
    armv7*) echo armv7 ;;
    *) fail "this machine is a $(uname -m): name an architecture" ;;
  esac
}

# The command of the package where it is installed, else the one of this repository.
aicleaner_build() {
  if command -v aicleaner-build >/dev/null; then
    aicleaner-build "$@"
  elif [[ -f ../dist/cli/index.js ]]; then
    # The project's own Node.js where it is installed: the one of the machine may be too old.
    PATH=$PWD/../node_modules/.bin:$PATH node ../dist/cli/index.js "$@"
  else
    fail 'aicleaner-build is not there: npm install -g aicleaner-build'
  fi
}

# What was tested, once more into Docker: the same arguments, so that every layer comes from the cache.
load() {
  local architecture=$1 tag=$2 line platform='' arguments=()
  while IFS= read -r line; do
    case $line in
      "    --build-arg "*) arguments+=(--build-arg "${line#*--build-arg }") ;;
      "    --label "*) arguments+=(--label "${line#*--label }") ;;
      "  $architecture ("*) platform=${line#*(} platform=${platform%%)*} ;;
    esac
  done < <(aicleaner_build plan . "${common[@]}" --architectures "$architecture")
  [[ -n $platform ]] || fail "no plan for $architecture"
  docker buildx build --load --quiet --provenance=false --platform "$platform" "${arguments[@]}" --tag "$tag" . >/dev/null
  echo "Loaded $tag"
}

version=${1:-}
mode=${2:-}
[[ -n $version && $version != -* ]] || fail 'the version is missing'
case $mode in
  single)
    load=${3:-true}
    architectures=${4:-$(machine)}
    ;;
  multi | test)
    load=${3:-false}
    architectures=${4:-amd64,aarch64,armv7}
    ;;
  *) fail "\"$mode\" is not single, multi or test" ;;
esac
[[ $load == true || $load == false ]] || fail "LOAD is true or false, not \"$load\""
[[ $# -le 4 ]] || fail "what does \"$5\" mean?"

common=(--version "$version")
[[ -z ${BUILD_FROM:-} ]] || common+=(--build-args "BUILD_FROM=$BUILD_FROM")
checks=()
[[ $mode != test ]] || checks=(--audit fail)
[[ ${PUSH:-false} != true ]] || checks+=(--push)

aicleaner_build run . "${common[@]}" "${checks[@]}" --architectures "$architectures" --report-path "$report"

if [[ $load == true ]]; then
  IFS=', ' read -ra each <<<"$architectures"
  for architecture in "${each[@]}"; do
    if [[ $mode == single && ${#each[@]} -eq 1 ]]; then
      load "$architecture" "aicleaner:$version"
    else
      load "$architecture" "aicleaner:$version-$architecture"
    fi
  done
fi
