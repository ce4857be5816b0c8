/** Home Assistant's names, in the order in which every list and table shows them. */
export const architectures = ['amd64', 'aarch64', 'armv7', 'armhf', 'i386'] as const
export type Architecture = (typeof architectures)[number]

export const isArchitecture = (text: string): text is Architecture =>
  (architectures as readonly string[]).includes(text)

export type Platform = 'linux/amd64' | 'linux/arm64' | 'linux/arm/v7' | 'linux/arm/v6' | 'linux/386'

interface Facts {
  readonly platform: Platform
  /** `architecture` and `variant` of an OCI image config. */
  readonly oci: { readonly architecture: string; readonly variant?: string }
  /** The name of QEMU's handler in binfmt_misc: `qemu-aarch64`. */
  readonly emulator: string
  /** Its name in `tonistiigi/binfmt --install`. */
  readonly binfmt: string
  /** Other common names. */
  readonly aliases: readonly string[]
  /** No longer supported by Home Assistant since 2025.12. */
  readonly deprecated: boolean
}

const facts: Readonly<Record<Architecture, Facts>> = {
  amd64: {
    platform: 'linux/amd64',
    oci: { architecture: 'amd64' },
    emulator: 'qemu-x86_64',
    binfmt: 'amd64',
    aliases: ['x86_64', 'x86-64', 'x64'],
    deprecated: false,
  },
  aarch64: {
    platform: 'linux/arm64',
    oci: { architecture: 'arm64' },
    emulator: 'qemu-aarch64',
    binfmt: 'arm64',
    aliases: ['arm64', 'arm64/v8', 'arm64v8', 'armv8'],
    deprecated: false,
  },
  armv7: {
    platform: 'linux/arm/v7',
    oci: { architecture: 'arm', variant: 'v7' },
    emulator: 'qemu-arm',
    binfmt: 'arm',
    aliases: ['arm/v7', 'arm32v7', 'armv7l', 'arm'],
    deprecated: true,
  },
  armhf: {
    platform: 'linux/arm/v6',
    oci: { architecture: 'arm', variant: 'v6' },
    emulator: 'qemu-arm',
    binfmt: 'arm',
    aliases: ['arm/v6', 'arm32v6', 'armv6', 'armv6l'],
    deprecated: true,
  },
  i386: {
    platform: 'linux/386',
    oci: { architecture: '386' },
    emulator: 'qemu-i386',
    binfmt: '386',
    aliases: ['386', 'x86', 'i686'],
    deprecated: true,
  },
}

export const platformOf = (architecture: Architecture): Platform => facts[architecture].platform
export const ociPlatformOf = (architecture: Architecture): Facts['oci'] => facts[architecture].oci
export const emulatorOf = (architecture: Architecture): string => facts[architecture].emulator
export const binfmtNameOf = (architecture: Architecture): string => facts[architecture].binfmt
export const isDeprecated = (architecture: Architecture): boolean => facts[architecture].deprecated

/** Home Assistant name, Docker name or platform, in any case: `aarch64`, `arm64`, `arm/v7`, `linux/arm64`. */
export function parseArchitecture(text: string): Architecture | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^linux\//, '')
  return architectures.find((architecture) => architecture === name || facts[architecture].aliases.includes(name))
}

/**
 * Whether its programs run on this machine without an emulator. 64-bit machines run 32-bit programs of their family: all x86 and nearly all ARM ones do.
 * @param machine `process.arch` of Node: `x64`, `arm64`, `arm`, `ia32`.
 */
export function isNative(architecture: Architecture, machine: string): boolean {
  const family: Readonly<Record<string, readonly Architecture[]>> = {
    x64: ['amd64', 'i386'],
    ia32: ['i386'],
    arm64: ['aarch64', 'armv7', 'armhf'],
    arm: ['armv7', 'armhf'],
  }
  return family[machine]?.includes(architecture) ?? false
}
