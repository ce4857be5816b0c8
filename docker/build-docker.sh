#!/usr/bin/env bash
# Builds, tests and publishes AICleaner by aicleaner-build:
#   ./build-docker.sh VERSION single [LOAD] [ARCH]   build and smoke test one architecture
#   ./build-docker.sh VERSION multi  [LOAD] [ARCH]   build and smoke test amd64, aarch64 and armv7
#   ./build-docker.sh VERSION test   [LOAD] [ARCH]   the same as multi, and fail on any audit finding
# LOAD  true: load the tested images into Docker, as aicleaner:VERSION (single) or aicleaner:VERSION-ARCH. Default: true
#       for single, otherwise false.
# ARCH  amd64, aarch64 or armv7, or a comma-separated list. Default: the architecture of this machine for single,
#       otherwise all three.
# Environment variables:
#   BUILD_FROM   another base image; {arch} is replaced by the architecture
#   PUSH         true: publish the images if every check passes
#   REPORT_PATH  folder for the report (default: ./aicleaner-build)
set -euo pipefail

report=$(realpath -m "${REPORT_PATH:-aicleaner-build}")
script=$(realpath "${BASH_SOURCE[0]}")
cd "$(dirname "$script")"

fail() {
  echo "build-docker.sh: $1" >&2
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$script" >&2
  exit 2
}

machine_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64 | arm64) echo aarch64 ;;
    armv7*) echo armv7 ;;
    *) fail "no add-on architecture matches this machine ($(uname -m)): pass ARCH" ;;
  esac
}

# Runs `aicleaner-build` if it is in PATH, otherwise the bundle of this repository.
aicleaner_build() {
  if command -v aicleaner-build >/dev/null; then
    aicleaner-build "$@"
  elif [[ -f ../dist/cli/index.js ]]; then
    # Prefer the Node.js in node_modules: the one on this machine may be too old.
    PATH=$PWD/../node_modules/.bin:$PATH node ../dist/cli/index.js "$@"
  else
    fail 'dist/cli/index.js is missing: run this script in a checkout of aicleaner-build, or add aicleaner-build to PATH'
  fi
}

# Builds the tested image again and loads it into Docker. The arguments are the same, so every layer comes from the cache.
load() {
  local architecture=$1 tag=$2 line platform='' arguments=()
  while IFS= read -r line; do
    case $line in
      "    --build-arg "*) arguments+=(--build-arg "${line#*--build-arg }") ;;
      "    --label "*) arguments+=(--label "${line#*--label }") ;;
      "  $architecture ("*) platform=${line#*(} platform=${platform%%)*} ;;
    esac
  done < <(aicleaner_build plan . "${common[@]}" --architectures "$architecture")
  [[ -n $platform ]] || fail "cannot build for $architecture"
  docker buildx build --load --quiet --provenance=false --platform "$platform" "${arguments[@]}" --tag "$tag" . >/dev/null
  echo "Loaded $tag"
}

version=${1:-}
mode=${2:-}
[[ -n $version && $version != -* ]] || fail 'VERSION is missing'
case $mode in
  single)
    load=${3:-true}
    architectures=${4:-$(machine_architecture)}
    ;;
  multi | test)
    load=${3:-false}
    architectures=${4:-amd64,aarch64,armv7}
    ;;
  *) fail "mode \"$mode\" is not single, multi or test" ;;
esac
[[ $load == true || $load == false ]] || fail "LOAD must be true or false, not \"$load\""
[[ $# -le 4 ]] || fail "unexpected argument \"$5\""

common=(--version "$version")
[[ -z ${BUILD_FROM:-} ]] || common+=(--build-args "BUILD_FROM=$BUILD_FROM")
checks=()
[[ $mode != test ]] || checks=(--audit fail)
[[ ${PUSH:-false} != true ]] || checks+=(--push)

aicleaner_build run . "${common[@]}" "${checks[@]}" --architectures "$architectures" --report-path "$report"

if [[ $load == true ]]; then
  IFS=', ' read -ra loaded <<<"$architectures"
  for architecture in "${loaded[@]}"; do
    if [[ $mode == single && ${#loaded[@]} -eq 1 ]]; then
      load "$architecture" "aicleaner:$version"
    else
      load "$architecture" "aicleaner:$version-$architecture"
    fi
  done
fi
