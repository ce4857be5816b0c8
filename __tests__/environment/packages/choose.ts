import type { Release } from '../machine/release.ts'

/** A program, or a set of them, that the test environment works with. */
export type Tool =
  | 'daemon'
  | 'client'
  | 'buildx'
  | 'compose'
  | 'qemu'
  | 'registry'
  | 'mmdebstrap'
  | 'go'
  | 'browser'
  | 'cosign'
  | 'sshd'

/** Packages whose name matches come from another release of the same distribution. */
export interface Pin {
  readonly packages: string
  readonly suite: string
}

/** What to ask apt for. */
export interface Choice {
  readonly packages: readonly string[]
  readonly pins: readonly Pin[]
}

const names: Readonly<Record<Tool, readonly string[]>> = {
  daemon: ['docker.io', 'containerd'],
  client: ['docker-cli'],
  buildx: ['docker-buildx'],
  compose: ['docker-compose'],
  qemu: ['qemu-user-static'],
  registry: ['docker-registry'],
  mmdebstrap: ['mmdebstrap'],
  go: ['golang-go'],
  browser: ['chromium'],
  cosign: ['cosign'],
  sshd: ['openssh-server'],
}
/** Beside them, always of the machine's own release: dockerd programs iptables and runs runc. */
const companions: Readonly<Partial<Record<Tool, readonly string[]>>> = {
  daemon: ['runc', 'iptables', 'ca-certificates'],
  mmdebstrap: ['arch-test', 'debian-archive-keyring'],
  sshd: ['openssh-client'],
}

type Pins = Readonly<Partial<Record<Tool, Pin>>>

// Docker below 28 has no cache export in its own BuildKit, and its buildx misses options that the action uses.
const docker: Pin = { packages: 'docker.io docker-cli docker-buildx docker-compose containerd', suite: 'forky' }
// Signatures in the format of cosign 3, with a signing configuration.
const cosign: Pin = { packages: 'cosign', suite: 'forky' }
const newer: Pins = { daemon: docker, client: docker, buildx: docker, compose: docker, cosign }
const pins: Readonly<Record<string, Pins>> = {
  'debian 12': {
    ...newer,
    // QEMU 7.2 spends five seconds on the start of a 64-bit Python.
    qemu: { packages: 'qemu-user*', suite: 'trixie' },
    // Go before 1.21 cannot fetch a newer Go.
    go: { packages: 'golang*', suite: 'trixie' },
  },
  'debian 13': newer,
}

/** Ubuntu's client is a part of docker.io, and its compose has the version in its name. */
const ubuntuNames: Readonly<Partial<Record<Tool, readonly string[]>>> = {
  daemon: ['docker.io'],
  client: ['docker.io'],
  compose: ['docker-compose-v2'],
  // There it comes as a snap, which not every machine can run.
  browser: [],
  // No package of it.
  cosign: [],
}

/** The packages that bring the missing tools onto a machine of this release. Pure. */
export function choosePackages(release: Release, missing: readonly Tool[]): Choice {
  const own = release.id === 'ubuntu' ? { ...names, ...ubuntuNames } : names
  const wanted = pins[`${release.id} ${release.version}`] ?? {}
  return {
    packages: [...new Set(missing.flatMap((tool) => [...own[tool], ...(companions[tool] ?? [])]))],
    pins: [...new Set(missing.flatMap((tool) => wanted[tool] ?? []))],
  }
}
