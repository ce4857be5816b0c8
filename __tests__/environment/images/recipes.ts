import { createHash } from 'node:crypto'
import type { OciPlatform, RunConfiguration } from './oci.ts'

/** Debian's names of the tested architectures. */
export type DebianArchitecture = 'amd64' | 'arm64' | 'armhf'

/** How a base image is built: packages to unpack, and a script that completes the tree. */
export interface Recipe {
  readonly name: string
  readonly suite: string
  readonly packages: readonly string[]
  /** In `recipes/`; run on the unpacked tree. */
  readonly script: string
  /** A folder in `recipes/` that the script copies into the tree. */
  readonly files?: string
  readonly configuration: (architecture: DebianArchitecture) => RunConfiguration
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

// One release for all architectures: its Python compiles the modules of each of them, and it fully supports 32-bit ARM.
const suite = 'bookworm'

export const tiny: Recipe = {
  name: 'base-tiny',
  suite,
  packages: ['busybox-static'],
  script: 'finish-tiny.sh',
  configuration: () => ({ Env: [path], Cmd: ['/bin/sh'] }),
}

export const python: Recipe = {
  name: 'base-python',
  suite,
  packages: [
    '?essential',
    'usr-is-merged',
    'apt',
    'adduser',
    'passwd',
    'python3',
    'python3-venv',
    'python3-pip',
    'ca-certificates',
    'netbase',
    'tzdata',
    'debian-archive-keyring',
  ],
  script: 'finish-base.sh',
  configuration: (architecture) => ({
    // QEMU's default CPU has pointer authentication, whose emulation costs several times more than everything else.
    Env: [path, 'LANG=C.UTF-8', ...(architecture === 'arm64' ? ['QEMU_CPU=cortex-a72'] : [])],
    Cmd: ['python3'],
  }),
}

/** As s6-overlay v3 and Home Assistant's own bases: supervised services, bash, curl and jq. */
export const s6: Recipe = {
  name: 'base-s6',
  suite,
  packages: ['busybox-static', 'libc-bin', 'bash', 'curl', 'jq', 's6', 'execline'],
  script: 'finish-s6.sh',
  files: 's6',
  configuration: () => ({
    Env: [path, 'LANG=C.UTF-8', 'S6_BEHAVIOUR_IF_STAGE2_FAILS=2'],
    Entrypoint: ['/init'],
  }),
}

export const buildkit: Recipe = {
  name: 'buildkit',
  suite,
  packages: ['runc', 'busybox-static', 'ca-certificates'],
  script: 'finish-buildkit.sh',
  configuration: () => ({ Env: [path], Entrypoint: ['buildkitd'], Volumes: { '/var/lib/buildkit': {} } }),
}

export interface Target {
  readonly debian: DebianArchitecture
  /** Home Assistant's name. */
  readonly architecture: 'amd64' | 'aarch64' | 'armv7'
  readonly platform: OciPlatform
}

export const targets: readonly Target[] = [
  { debian: 'amd64', architecture: 'amd64', platform: { os: 'linux', architecture: 'amd64' } },
  { debian: 'arm64', architecture: 'aarch64', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  { debian: 'armhf', architecture: 'armv7', platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
]

/** Cache key of a layer: a hash of everything that it is built from. `sources`: scripts and other inputs. Pure. */
export function recipeKey(recipe: Recipe, architecture: DebianArchitecture, sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of [recipe.name, architecture, recipe.suite, ...recipe.packages, ...sources]) {
    hash.update(`${part.length}:${part}`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** The arguments of mmdebstrap that unpack a recipe. `mirror`: the mirror of this machine; default: that of mmdebstrap. Pure. */
export function debootstrapArguments(
  recipe: Recipe,
  architecture: DebianArchitecture,
  scripts: string,
  output: string,
  mirror?: string,
): readonly string[] {
  return [
    '--quiet',
    `--architectures=${architecture}`,
    // Packages are unpacked but not configured, so that no foreign binary has to run.
    '--variant=extract',
    '--skip=output/dev',
    `--setup-hook=${scripts}/merge-usr.sh`,
    `--extract-hook=${scripts}/${recipe.script}`,
    // Patterns and names cannot be combined in one list.
    ...recipe.packages.filter((name) => name.startsWith('?')).map((name) => `--include=${name}`),
    `--include=${recipe.packages.filter((name) => !name.startsWith('?')).join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    // Explicit, because the machine may not run Debian and may trust other keys.
    '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
    recipe.suite,
    output,
    ...(mirror === undefined ? [] : [mirror]),
  ]
}
