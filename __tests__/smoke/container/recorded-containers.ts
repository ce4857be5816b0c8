import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import type { ContainerSpec } from '../../../src/docker/containers.ts'
import { readImage } from '../../../src/smoke/container/image.ts'
import { createSpec } from '../../../src/smoke/container/spec.ts'
import { deviceNames } from '../../../src/smoke/network/device-names.ts'
import { target } from '../../fixtures/target.ts'
import { makeOptions } from '../smoke-fixture.ts'

// The container configurations that the code of the Supervisor 2026.08 makes, for real add-ons and for some that use the rare keys. Of twelve, the
// config.yaml is the real one (home-assistant/addons at 3158bce). The others are reconstructed, and say so or start with "v_".

interface Limit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}

/** Fields of Docker's API, as the Supervisor sends them and `docker inspect` returns them. */
export interface DockerConfig {
  readonly OpenStdin: boolean
  readonly Hostname?: string
  readonly Domainname?: string
  readonly Env: readonly string[]
  readonly HostConfig: {
    readonly NetworkMode: string
    readonly Init: boolean | null
    readonly Privileged: boolean
    readonly SecurityOpt?: readonly string[] | null
    readonly ExtraHosts?: readonly string[] | null
    readonly Mounts?: readonly { readonly Target: string; readonly ReadOnly?: boolean }[] | null
    readonly OomScoreAdj: number
    readonly Tmpfs?: Readonly<Record<string, string>> | null
    readonly CapAdd?: readonly string[] | null
    readonly DeviceCgroupRules?: readonly string[] | null
    readonly Dns?: readonly string[] | null
    readonly DnsSearch?: readonly string[] | null
    readonly DnsOptions?: readonly string[] | null
    readonly PortBindings?: Readonly<Record<string, unknown>> | null
    readonly UtsMode?: string
    readonly Ulimits?: readonly Limit[] | null
  }
}

interface Recorded {
  readonly options?: Readonly<Record<string, unknown>>
  /** Why the Supervisor would not start the add-on with its default options. */
  readonly options_error?: string
  readonly config: DockerConfig
  readonly timeout: number
  readonly ingress_port: number
}

export const folder = join(import.meta.dirname, 'recorded')
export const recorded: Readonly<Record<string, Recorded>> = JSON.parse(
  readFileSync(join(folder, 'run-config.json'), 'utf8'),
)

/** What we do on purpose, and why. Everything else must be equal. */
export const deliberate: readonly (readonly [difference: RegExp, reason: string])[] = [
  [/^network: (default|host) /, 'a network of the run: ports of several architectures and of the host would collide'],
  [/^security: seccomp=unconfined is missing$/, "the engine's profile applies to what strangers wrote"],
  [/^security: apparmor=unconfined is missing$/, "the engine's profile applies to what strangers wrote"],
  [/^mount \/dev read-only is missing$/, 'no device of the host, unless smoke-privileges grants it'],
  [
    /^mount \/(run\/dbus|run\/udev|device-tree|lib\/modules|var\/log\/journal|run\/log\/journal) read-only is missing$/,
    'no folder of the host',
  ],
  [/^mount \/etc\/(pulse\/client|asound)\.conf read-only is missing$/, 'copied into the container'],
  [/^capability SYS_(ADMIN|MODULE|RAWIO|TIME) is missing$/, 'only with smoke-privileges'],
  [/^device rule .* is missing$/, 'no device of the host, unless smoke-privileges grants it'],
  [/^DNS server 172\.30\.32\.3 is missing$/, "Docker's DNS server, and the names of the device as hosts"],
  [
    /^host (supervisor|hassio|homeassistant|home-assistant|dns|observer)(\.local\.hass\.io)?:172\.30\.32\.[1236] is added$/,
    'on a device, the DNS server knows them',
  ],
  [/^port \d+\/(tcp|udp) is missing$/, 'probed in the network, without ports of this machine'],
  [/^UTS mode host is missing$/, 'no namespace of the host'],
  [/^(host name|domain): undefined instead of /, 'no namespace of the host'],
  [/^tmpfs \/dev\/shm is added$/, 'no namespace of the host'],
]

const image = readImage(JSON.stringify([{ Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', Config: {} }]))

export const configOf = (name: string) =>
  readConfigFile(readFileSync(join(folder, `${name}.yaml`), 'utf8'), 'config.yaml').config

/** The container of our test. */
export function specOf(name: string): ContainerSpec {
  const { run, slug } = configOf(name)
  if (!image || !slug) throw new Error(`no image, or no slug in ${name}`)
  return createSpec(
    {
      ...{ target: target({ addon: slug.value, run }), image, reference: image.id, slowness: 1 },
      ...{ addonOptions: recorded[name]?.options ?? {}, options: makeOptions() },
    },
    {
      ...{ name: 'n', runId: 'r', token: 'tok', dataVolume: 'v', network: 'test', deadlineMs: 60_000 },
      hosts: deviceNames('172.30.32.2', '172.30.32.2'),
      exists: () => false,
    },
  ).spec
}

/** What Docker is to make of it. */
export const expectedOf = (spec: ContainerSpec): DockerConfig => ({
  OpenStdin: spec.interactive ?? false,
  ...(spec.hostname !== undefined && { Hostname: spec.hostname }),
  ...(spec.domain !== undefined && { Domainname: spec.domain }),
  Env: [...(spec.environment ?? [])].map(([key, value]) => `${key}=${value}`),
  HostConfig: {
    NetworkMode: spec.network ?? 'default',
    Init: spec.init ?? false,
    Privileged: (spec.extra ?? []).includes('--privileged'),
    SecurityOpt: spec.securityOptions ?? [],
    ExtraHosts: [...(spec.hosts ?? [])].map(([key, value]) => `${key}:${value}`),
    Mounts: (spec.mounts ?? []).map((mount) => ({ Target: mount.target, ReadOnly: mount.readOnly ?? false })),
    OomScoreAdj: spec.oomScoreAdjust ?? 0,
    Tmpfs: Object.fromEntries((spec.tmpfs ?? []).map((path) => [path, ''])),
    CapAdd: spec.capAdd ?? [],
    DnsSearch: spec.dnsSearch ?? [],
    DnsOptions: spec.dnsOptions ?? [],
    Ulimits: [...(spec.ulimits ?? [])].map(([Name, text]) => {
      const [Soft = 0, Hard = Soft] = text.split(':').map(Number)
      return { Name, Soft, Hard }
    }),
  },
})

/** What one list has more than the other. */
const listDifferences = (what: string, theirs: readonly string[], ours: readonly string[]) => [
  ...theirs.filter((one) => !ours.includes(one)).map((one) => `${what} ${one} is missing`),
  ...ours.filter((one) => !theirs.includes(one)).map((one) => `${what} ${one} is added`),
]

/** The lists of a configuration, as texts. */
const listsOf = ({ Env, HostConfig: host }: DockerConfig): Readonly<Record<string, readonly string[]>> => ({
  variable: Env,
  'security:': host.SecurityOpt ?? [],
  host: host.ExtraHosts ?? [],
  mount: (host.Mounts ?? []).map(({ Target, ReadOnly }) => `${Target} read-${ReadOnly ? 'only' : 'write'}`),
  tmpfs: Object.keys(host.Tmpfs ?? {}),
  // Docker adds the prefix.
  capability: (host.CapAdd ?? []).map((name) => name.replace(/^CAP_/, '')),
  'device rule': host.DeviceCgroupRules ?? [],
  'DNS server': host.Dns ?? [],
  'DNS search': host.DnsSearch ?? [],
  'DNS option': host.DnsOptions ?? [],
  limit: (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`),
  port: Object.keys(host.PortBindings ?? {}),
  'UTS mode': host.UtsMode ? [host.UtsMode] : [],
})

const valuesOf = ({ OpenStdin, Hostname, Domainname, HostConfig: host }: DockerConfig) => ({
  network: host.NetworkMode,
  init: host.Init ?? false,
  'host name': Hostname,
  domain: Domainname,
  'standard input': OpenStdin,
  'OOM score': host.OomScoreAdj,
  privileged: host.Privileged,
})

/** Every difference, as a text. */
export function differences(theirs: DockerConfig, ours: DockerConfig): readonly string[] {
  const values = Object.entries(valuesOf(ours))
  const recordedValues = new Map<string, unknown>(Object.entries(valuesOf(theirs)))
  const recordedLists = listsOf(theirs)
  return [
    ...values.flatMap(([what, value]) =>
      recordedValues.get(what) === value ? [] : [`${what}: ${recordedValues.get(what)} instead of ${value}`],
    ),
    ...Object.entries(listsOf(ours)).flatMap(([what, list]) => listDifferences(what, recordedLists[what] ?? [], list)),
  ]
}

export const unexplained = (found: readonly string[]): readonly string[] =>
  found.filter((text) => !deliberate.some(([pattern]) => pattern.test(text)))
