import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import type { ContainerSpec } from '../../../src/docker/containers.ts'
import { readImage } from '../../../src/smoke/container/image.ts'
import { createSpec } from '../../../src/smoke/container/spec.ts'
import { deviceNames } from '../../../src/smoke/network/device-names.ts'
import { target } from '../../fixtures/target.ts'
import { makeOptions } from '../smoke-fixture.ts'

// The container configurations that the code of the Supervisor 2026.08 makes. Of twelve add-ons, config.yaml is the real one: home-assistant/addons at
// 3158bce. The others say so at their start, or start with "v_": they were written from the recorded configuration.

interface Recorded {
  readonly options: Readonly<Record<string, unknown>>
  readonly config: {
    readonly OpenStdin: boolean
    readonly Hostname?: string
    readonly Domainname: string
    readonly Env: readonly string[]
    readonly HostConfig: {
      readonly NetworkMode: string
      readonly Init: boolean
      readonly Privileged: boolean
      readonly SecurityOpt: readonly string[]
      readonly ExtraHosts: readonly string[]
      readonly Mounts: readonly { readonly Target: string; readonly ReadOnly: boolean }[]
      readonly OomScoreAdj: number
      readonly Tmpfs?: Readonly<Record<string, string>>
      readonly CapAdd?: readonly string[]
      readonly DeviceCgroupRules?: readonly string[]
      readonly Dns: readonly string[]
      readonly DnsSearch: readonly string[]
      readonly DnsOptions: readonly string[]
      readonly PortBindings?: object
      readonly UtsMode?: string
      readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[]
    }
  }
}

const folder = join(import.meta.dirname, 'recorded')
const recorded: Readonly<Record<string, Recorded>> = JSON.parse(readFileSync(join(folder, 'run-config.json'), 'utf8'))
const names = Object.keys(recorded)

/** What we do on purpose, and why. Everything else must be equal. */
const deliberate: readonly (readonly [difference: RegExp, reason: string])[] = [
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
  [/^ports are missing$/, 'probed in the network, without ports of this machine'],
  [/^UTS mode host is missing$/, 'no namespace of the host'],
  [/^(host name|domain): undefined instead of /, 'no namespace of the host'],
  [/^tmpfs \/dev\/shm is added$/, 'no namespace of the host'],
]

const image = readImage(JSON.stringify([{ Id: 'sha256:1', Os: 'linux', Architecture: 'amd64', Config: {} }]))

function specOf(name: string): ContainerSpec {
  const { config } = readConfigFile(readFileSync(join(folder, `${name}.yaml`), 'utf8'), 'config.yaml')
  const slug = /^slug: "?([^"\n]+)"?$/m.exec(readFileSync(join(folder, `${name}.yaml`), 'utf8'))?.[1] ?? ''
  if (!image) throw new Error('no image')
  return createSpec(
    {
      ...{ target: target({ addon: slug, run: config.run }), image, reference: image.id, slowness: 1 },
      ...{ addonOptions: recorded[name]?.options ?? {}, options: makeOptions() },
    },
    {
      ...{ name: 'n', runId: 'r', token: 'tok', dataVolume: 'v', network: 'test', deadlineMs: 60_000 },
      hosts: deviceNames('172.30.32.2', '172.30.32.2'),
      exists: () => false,
    },
  ).spec
}

/** What one list has more than the other. */
const listDifferences = (what: string, theirs: readonly string[] = [], ours: readonly string[] = []) => [
  ...theirs.filter((one) => !ours.includes(one)).map((one) => `${what} ${one} is missing`),
  ...ours.filter((one) => !theirs.includes(one)).map((one) => `${what} ${one} is added`),
]

const valueDifference = (what: string, theirs: unknown, ours: unknown) =>
  String(theirs) === String(ours) ? [] : [`${what}: ${theirs} instead of ${ours}`]

const mountText = (target: string, readOnly = false) => `${target} read-${readOnly ? 'only' : 'write'}`

function differences({ config }: Recorded, spec: ContainerSpec): readonly string[] {
  const { HostConfig: host } = config
  return [
    ...valueDifference('network', host.NetworkMode, spec.network),
    ...valueDifference('init', host.Init, spec.init),
    ...valueDifference('host name', config.Hostname, spec.hostname),
    ...valueDifference('domain', config.Domainname, spec.domain),
    ...valueDifference('standard input', config.OpenStdin, spec.interactive),
    ...valueDifference('OOM score', host.OomScoreAdj, spec.oomScoreAdjust),
    ...valueDifference('privileged', host.Privileged, (spec.extra ?? []).includes('--privileged')),
    ...listDifferences('security:', host.SecurityOpt, spec.securityOptions),
    ...listDifferences(
      'variable',
      config.Env,
      [...(spec.environment ?? [])].map(([key, value]) => `${key}=${value}`),
    ),
    ...listDifferences(
      'host',
      host.ExtraHosts,
      [...(spec.hosts ?? [])].map(([key, value]) => `${key}:${value}`),
    ),
    ...listDifferences(
      'mount',
      host.Mounts.map(({ Target, ReadOnly }) => mountText(Target, ReadOnly)),
      (spec.mounts ?? []).map((mount) => mountText(mount.target, mount.readOnly)),
    ),
    ...listDifferences('tmpfs', Object.keys(host.Tmpfs ?? {}), spec.tmpfs),
    ...listDifferences('capability', host.CapAdd, spec.capAdd),
    ...listDifferences('device rule', host.DeviceCgroupRules),
    ...listDifferences('DNS server', host.Dns),
    ...listDifferences('DNS search', host.DnsSearch, spec.dnsSearch),
    ...listDifferences('DNS option', host.DnsOptions, spec.dnsOptions),
    ...listDifferences(
      'limit',
      host.Ulimits?.map(({ Name, Soft, Hard }) => `${Name}=${Soft === Hard ? Soft : `${Soft}:${Hard}`}`),
      [...(spec.ulimits ?? [])].map(([key, value]) => `${key}=${value}`),
    ),
    ...(host.PortBindings ? ['ports are missing'] : []),
    ...(host.UtsMode ? [`UTS mode ${host.UtsMode} is missing`] : []),
  ]
}

test('a config.yaml is there for each recording, of at least 16 add-ons', () => {
  const files = readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []))
  expect(files.sort()).toEqual([...names].sort())
  expect(names.filter((name) => !name.startsWith('v_')).length).toBeGreaterThanOrEqual(16)
})

test.each(names)('the container of %s is as the Supervisor makes it, apart from what is deliberate', (name) => {
  const found = differences(recorded[name] as Recorded, specOf(name))
  expect(found.filter((text) => !deliberate.some(([pattern]) => pattern.test(text)))).toEqual([])
})

test('each deliberate difference is one', () => {
  const all = names.flatMap((name) => differences(recorded[name] as Recorded, specOf(name)))
  expect(deliberate.filter(([pattern]) => !all.some((text) => pattern.test(text)))).toEqual([])
})
