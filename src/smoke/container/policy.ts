import type { FeatureFlag, RunConfig } from '../../addon/addon.ts'
import { isDevicePath } from '../../core/container-rules.ts'
import { enumerate } from '../../core/text.ts'
import type { ContainerSpec } from '../../docker/containers.ts'
import type { Options } from '../../inputs/options.ts'
import { leavesOf } from '../options/leaves.ts'

/** Something that config.yaml requests and the test does not grant. The report lists all of them. */
export interface DeniedResource {
  readonly what: string
  readonly why: string
  /** The input, and the value, with which the workflow's owner grants it. */
  readonly grant?: { readonly input: 'smoke-privileges' | 'smoke-run-args' | 'smoke-env'; readonly value: string }
}

type Granted = Required<Pick<ContainerSpec, 'capAdd' | 'devices' | 'ulimits' | 'pidsLimit'>>

/** Capabilities that affect only the container's own namespaces, or its share of processor and memory. */
const harmlessCapabilities: ReadonlySet<string> = new Set(['NET_ADMIN', 'NET_RAW', 'SYS_NICE', 'IPC_LOCK'])

/** Maximum processes: enough for any add-on. Without a limit a fork bomb would take the machine down. */
const pidsLimit = 4096

const byPrivileges = (value: string) => ({ grant: { input: 'smoke-privileges', value } as const })
const byRunArguments = (value: string) => ({ grant: { input: 'smoke-run-args', value } as const })
const byReadOnlyVolume = (from: string, to = from) => byRunArguments(`--volume ${from}:${to}:ro`)

/** Source: Supervisor docker/app.py, ulimits. */
const realtimeLimits = new Map([
  ['rtprio', '90:99'],
  ['memlock', '134217728'],
])

/** Feature flags that request any device of a class. */
const deviceClasses: ReadonlyMap<FeatureFlag, string> = new Map([
  ['gpio', 'GPIO'],
  ['uart', 'serial ports'],
  ['usb', 'USB devices'],
  ['video', 'video devices'],
])

const hostFolder = (what: string, from: string, to = from): DeniedResource => ({
  ...{ what, why: 'the test mounts no folder of the host' },
  ...byReadOnlyVolume(from, to),
})
/** Why the test does not grant what config.yaml requests: a pull request may have written it. */
const notGranted = 'the test does not grant it'
const noSharedNamespace = 'the test shares no namespace'

/** Feature flags that request a folder, a socket or a namespace of this machine. Source of the paths: Supervisor docker/app.py, mounts. */
const refusals: ReadonlyMap<FeatureFlag, DeniedResource> = new Map<FeatureFlag, DeniedResource>([
  ['audio', { what: 'the sound server', why: 'there is none' }],
  ['devicetree', hostFolder('the device tree', '/sys/firmware/devicetree/base', '/device-tree')],
  [
    'docker_api',
    { what: 'the Docker API', why: notGranted, ...byReadOnlyVolume('/var/run/docker.sock', '/run/docker.sock') },
  ],
  ['host_dbus', hostFolder('the D-Bus of the host', '/run/dbus')],
  ['host_ipc', { what: 'the IPC namespace of the host', why: noSharedNamespace, ...byRunArguments('--ipc host') }],
  ['host_pid', { what: 'the processes of the host', why: notGranted, ...byRunArguments('--pid host') }],
  ['host_uts', { what: 'the host name of the host', why: noSharedNamespace }],
  ['journald', hostFolder('the journal', '/var/log/journal')],
  ['kernel_modules', hostFolder('/lib/modules', '/lib/modules')],
  ['udev', hostFolder('/run/udev', '/run/udev')],
])

/** The Supervisor grants these only if the user disables protection mode. */
const refusedInProtectionMode: ReadonlySet<FeatureFlag> = new Set(['docker_api', 'host_pid'])
const protection = 'the Supervisor grants this only if the user disables protection mode'

/**
 * Pure: the access that a tested container has to the host. A pull request may have written config.yaml, so the file alone gets no device,
 * folder, socket or namespace of the host, only the harmless capabilities, and always the engine's seccomp and AppArmor profiles. The workflow's
 * owner can grant more; an add-on gets what is both granted and requested. docs/security.md has the whole table.
 * @param optionDevices paths that are the value of an option of type `device`
 * @param inputs `smoke-privileges`: capabilities and paths of devices; `smoke-protected`, which changes only messages
 * @param exists is there a device at this path?
 */
export function applyPolicy(
  run: RunConfig,
  optionDevices: readonly string[],
  { smokePrivileges: granted, smokeProtected }: Pick<Options, 'smokePrivileges' | 'smokeProtected'>,
  exists: (path: string) => boolean,
): { readonly granted: Granted; readonly denied: readonly DeniedResource[] } {
  const { featureFlags } = run
  const realtime = featureFlags.has('realtime')
  const capabilities = new Set([
    ...run.privileged,
    ...(featureFlags.has('kernel_modules') ? ['SYS_MODULE'] : []),
    ...(realtime ? ['SYS_NICE'] : []),
  ])
  const isGranted = (capability: string): boolean =>
    harmlessCapabilities.has(capability) || granted.includes(capability)
  const paths = [...new Set([...run.devices, ...optionDevices])].filter(isDevicePath)
  const classes = [...deviceClasses].filter(([flag]) => featureFlags.has(flag))
  const requestsClass = classes.length > 0 || run.fullAccess
  const devices = granted.filter((path) => isDevicePath(path) && (requestsClass || paths.includes(path)))
  const noDevice = (what: string, grant: string): DeniedResource => ({
    ...{ what, why: 'the test grants no device by default' },
    ...byPrivileges(grant),
  })
  const apparmor = {
    ...{ what: 'no AppArmor profile', why: "the engine's default profile applies" },
    ...byRunArguments('--security-opt apparmor=unconfined'),
  }
  const protectedWhy = smokeProtected ? protection : notGranted
  const hostNetwork = { what: 'the host network', why: 'ports of several architectures and of the host would collide' }
  return {
    granted: {
      capAdd: [...capabilities].filter(isGranted),
      devices: devices.filter(exists),
      ulimits: new Map([...(realtime ? realtimeLimits : []), ...run.ulimits]),
      pidsLimit,
    },
    denied: [
      ...[...capabilities]
        .filter((capability) => !isGranted(capability))
        .map((what) => ({ what, why: notGranted, ...byPrivileges(what) })),
      ...paths.filter((path) => !devices.includes(path)).map((path) => noDevice(`device ${path}`, path)),
      ...devices
        .filter((path) => !exists(path))
        .map((path) => ({ what: `device ${path}`, why: 'this machine does not have it' })),
      ...(devices.length > 0 ? [] : classes).map(([, what]) => noDevice(what, '/dev/PATH')),
      ...[...refusals].flatMap(([flag, refusal]) =>
        featureFlags.has(flag) ? [refusedInProtectionMode.has(flag) ? { ...refusal, why: protectedWhy } : refusal] : [],
      ),
      ...(run.fullAccess ? [{ what: 'full access', why: protectedWhy, ...byRunArguments('--privileged') }] : []),
      ...(run.apparmor ? [] : [apparmor]),
      ...(run.hostNetwork ? [hostNetwork] : []),
    ],
  }
}

/** Maximum devices named in a message: config.yaml can list any number of them. */
const maxNamed = 12

/** Pure: the line of the `hardware` check. */
export function describeDenied(denied: readonly DeniedResource[]): string {
  const named = denied
    .slice(0, maxNamed)
    .map(({ what, why, grant }) => `${what}: ${why}${grant ? ` (grant it with "${grant.input}: ${grant.value}")` : ''}`)
  const more = denied.length - named.length
  return `not granted to the test: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join('; ')}`
}

/** Pure: a possible cause of a failure, as the end of a sentence; undefined if no input would help. */
export function grantHint(denied: readonly DeniedResource[]): string | undefined {
  const grantable = denied.flatMap(({ what, grant }) => (grant ? [{ what, ...grant }] : [])).slice(0, maxNamed)
  if (grantable.length === 0) return undefined
  const inputs = [...new Set(grantable.map(({ input }) => input))].map((input) => {
    const values = [...new Set(grantable.filter((one) => one.input === input).map(({ value }) => value))]
    return `"${input}: ${values.join(input === 'smoke-run-args' ? ' ' : ', ')}"`
  })
  const requested = enumerate(
    grantable.map(({ what }) => what),
    maxNamed,
  )
  return `. It requests ${requested}, which the test does not grant; to grant it, set ${enumerate(inputs)}`
}

/** Pure: the values of all options of type `device`. */
export const devicesIn = (options: unknown, schema: unknown): readonly string[] =>
  leavesOf(options, schema).flatMap(({ value, type }) =>
    /^device\b/.test(type) && typeof value === 'string' && value.startsWith('/') ? [value] : [],
  )
