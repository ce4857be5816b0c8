/** Home Assistant's names, in the order in which every list and table shows them. */
export const architectures = ['amd64', 'aarch64', 'armv7', 'armhf', 'i386'] as const
export type Architecture = (typeof architectures)[number]

export const isArchitecture = (text: string): text is Architecture =>
  (architectures as readonly string[]).includes(text)

export type Platform = 'linux/amd64' | 'linux/arm64' | 'linux/arm/v7' | 'linux/arm/v6' | 'linux/386'

interface Facts {
  readonly platform: Platform
  /** The name of QEMU's handler in binfmt_misc: `qemu-aarch64`. */
  readonly emulator: string
  /** Other common names. */
  readonly aliases: readonly string[]
}

const facts: Readonly<Record<Architecture, Facts>> = {
  amd64: {
    platform: 'linux/amd64',
    emulator: 'qemu-x86_64',
    aliases: ['x86_64', 'x86-64', 'x64'],
  },
  aarch64: {
    platform: 'linux/arm64',
    emulator: 'qemu-aarch64',
    aliases: ['arm64', 'arm64/v8', 'arm64v8', 'armv8'],
  },
  armv7: {
    platform: 'linux/arm/v7',
    emulator: 'qemu-arm',
    aliases: ['arm/v7', 'arm32v7', 'armv7l', 'arm'],
  },
  armhf: {
    platform: 'linux/arm/v6',
    emulator: 'qemu-arm',
    aliases: ['arm/v6', 'arm32v6', 'armv6', 'armv6l'],
  },
  i386: {
    platform: 'linux/386',
    emulator: 'qemu-i386',
    aliases: ['386', 'x86', 'i686'],
  },
}

export const platformOf = (architecture: Architecture): Platform => facts[architecture].platform
export const emulatorOf = (architecture: Architecture): string => facts[architecture].emulator

/** `architecture` and `variant` of an OCI image config. */
export function ociPlatformOf(architecture: Architecture): {
  readonly architecture: string
  readonly variant?: string
} {
  const [, name = '', variant] = platformOf(architecture).split('/')
  return { architecture: name, ...(variant && { variant }) }
}

/** Its name in `tonistiigi/binfmt --install`. */
export const binfmtNameOf = (architecture: Architecture): string => ociPlatformOf(architecture).architecture

/** No longer supported by Home Assistant since 2025.12. */
export const isDeprecated = (architecture: Architecture): boolean =>
  architecture !== 'amd64' && architecture !== 'aarch64'

/** Home Assistant name, Docker name or platform, in any case: `aarch64`, `arm64`, `arm/v7`, `linux/arm64`. */
export function parseArchitecture(text: string): Architecture | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^linux\//, '')
  return architectures.find((architecture) => architecture === name || facts[architecture].aliases.includes(name))
}

/** 32-bit programs that a 64-bit machine runs as well, by OCI names. */
const compatibleArchitectures: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }

/** Whether a machine runs programs for `program` without an emulator. Both are OCI names: `amd64`, `386`. */
export const runsPrograms = (machine: string, program: string): boolean =>
  program === machine || program === compatibleArchitectures[machine]

/** Whether a machine runs its programs without an emulator. `machine` is the `process.arch` of Node. 64-bit machines also run 32-bit programs. */
export function isNative(architecture: Architecture, machine: string): boolean {
  const family: Readonly<Record<string, readonly Architecture[]>> = {
    x64: ['amd64', 'i386'],
    ia32: ['i386'],
    arm64: ['aarch64', 'armv7', 'armhf'],
    arm: ['armv7', 'armhf'],
  }
  return family[machine]?.includes(architecture) ?? false
}
