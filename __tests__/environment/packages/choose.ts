import type { Release } from '../machine/release.ts'

/** A program or a set of programs that the test environment uses. */
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

/** Packages whose name matches are installed from another release of the same distribution. */
export interface Pin {
  readonly packages: string
  readonly suite: string
}

/** The packages to install with apt. */
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
/** Additional packages, always from the machine's own release: dockerd programs iptables and runs runc. */
const companions: Readonly<Partial<Record<Tool, readonly string[]>>> = {
  daemon: ['runc', 'iptables', 'ca-certificates'],
  mmdebstrap: ['arch-test', 'debian-archive-keyring'],
  sshd: ['openssh-client'],
}

type Pins = Readonly<Partial<Record<Tool, Pin>>>

// Docker before 28 has no cache export in its own BuildKit, and its buildx lacks options that the action uses.
const docker: Pin = { packages: 'docker.io docker-cli docker-buildx docker-compose containerd', suite: 'forky' }
// The tests need the signature format and the signing configuration of cosign 3.
const cosign: Pin = { packages: 'cosign', suite: 'forky' }
const newer: Pins = { daemon: docker, client: docker, buildx: docker, compose: docker, cosign }
const pins: Readonly<Record<string, Pins>> = {
  'debian 12': {
    ...newer,
    // QEMU 7.2 takes five seconds to start a 64-bit Python.
    qemu: { packages: 'qemu-user*', suite: 'trixie' },
    // Go before 1.21 cannot fetch a newer Go.
    go: { packages: 'golang*', suite: 'trixie' },
  },
  'debian 13': newer,
}

/** On Ubuntu, the client is part of docker.io, and the package of compose has the version in its name. */
const ubuntuNames: Readonly<Partial<Record<Tool, readonly string[]>>> = {
  daemon: ['docker.io'],
  client: ['docker.io'],
  compose: ['docker-compose-v2'],
  // Only available as a snap, which does not run on every machine.
  browser: [],
  // Not packaged.
  cosign: [],
}

/** The packages to install for the missing tools on this release. Pure. */
export function choosePackages(release: Release, missing: readonly Tool[]): Choice {
  const own = release.id === 'ubuntu' ? { ...names, ...ubuntuNames } : names
  const wanted = pins[`${release.id} ${release.version}`] ?? {}
  return {
    packages: [...new Set(missing.flatMap((tool) => [...own[tool], ...(companions[tool] ?? [])]))],
    pins: [...new Set(missing.flatMap((tool) => wanted[tool] ?? []))],
  }
}
