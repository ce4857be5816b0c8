/**
 * Versions of the images and actions of others that this action pulls or recommends. Each is exact: a tag such as `latest` can be moved by anyone who
 * controls its repository. The comments `renovate:` say which data source has newer versions (https://docs.renovatebot.com/modules/manager/regex/).
 */

/**
 * BuildKit of the drivers `docker-container` and `kubernetes`. `latest` and the moving `buildx-stable-1` have regressed more than once.
 * A tag without a digest, so that a machine without access to Docker Hub can have the image loaded beforehand: a loaded image has only its tag.
 * Users can pin a digest with `driver-opts: image=`; see docs/builders.md.
 */
// renovate: datasource=docker depName=moby/buildkit
export const buildkitImage = 'moby/buildkit:v0.32.2'

/** Installs the emulators of QEMU. */
// renovate: datasource=docker depName=docker.io/tonistiigi/binfmt versioning=regex:^qemu-v(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)-(?<build>\d+)$
export const defaultQemuImage =
  'docker.io/tonistiigi/binfmt:qemu-v10.2.3-68@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0'

/** Generates the SBOM for `sbom: true`, for which it reads all files of the image. BuildKit's default is the moving tag `stable-1`. */
// renovate: datasource=docker depName=docker/buildkit-syft-scanner
export const sbomGenerator =
  'docker/buildkit-syft-scanner:1.12.0@sha256:ae4f3b554449e7e25548e7d8ccc029d17357348e30c6e3df01b92bc93654d6a9'

/** The action that a remedy recommends, in the form for `uses:`. */
export const cosignInstaller = 'sigstore/cosign-installer@6f9f17788090df1f26f669e9d70d6ae9567deba6 # v4.1.2'
