import type { FeatureFlag, RunConfig } from '../../addon/addon.ts'
import { isDevicePath } from '../../core/run-rules.ts'
import type { ContainerSpec } from '../../docker/containers.ts'
import { isRecord } from '../options/merge.ts'

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

/** Enough for any add-on. Without a limit a fork bomb takes the machine down. */
const pidsLimit = 4096

const byPrivileges = (value: string) => ({ grant: { input: 'smoke-privileges', value } as const })
const byRunArguments = (value: string) => ({ grant: { input: 'smoke-run-args', value } as const })
const byReadOnlyVolume = (from: string, to = from) => byRunArguments(`--volume ${from}:${to}:ro`)

/** Feature flags that request any device of a class. */
const deviceClasses: ReadonlyMap<FeatureFlag, string> = new Map([
  ['gpio', 'GPIO'],
  ['uart', 'serial ports'],
  ['usb', 'USB devices'],
  ['video', 'video devices'],
])

/** Feature flags that request a folder, a socket or a namespace of this machine. Source of the paths: Supervisor docker/app.py, mounts. */
const refusals: ReadonlyMap<FeatureFlag, DeniedResource> = new Map<FeatureFlag, DeniedResource>([
  ['audio', { what: 'audio', why: 'there is no sound server' }],
  ['devicetree', { what: 'the device tree', ...hostFolder('/sys/firmware/devicetree/base', '/device-tree') }],
  [
    'docker_api',
    {
      what: 'the Docker API',
      why: 'the Supervisor grants it only if the user disables protection mode',
      ...byReadOnlyVolume('/var/run/docker.sock', '/run/docker.sock'),
    },
  ],
  ['host_dbus', { what: 'the D-Bus of the host', ...hostFolder('/run/dbus') }],
  [
    'host_ipc',
    { what: 'the IPC namespace of the host', why: 'the test shares no namespace', ...byRunArguments('--ipc host') },
  ],
  [
    'host_pid',
    {
      what: 'the processes of the host',
      why: 'the Supervisor grants them only if the user disables protection mode',
      ...byRunArguments('--pid host'),
    },
  ],
  ['host_uts', { what: 'the host name of the host', why: 'the test shares no namespace' }],
  ['journald', { what: 'the journal', ...hostFolder('/var/log/journal') }],
  ['kernel_modules', { what: '/lib/modules', ...hostFolder('/lib/modules') }],
  // Docker keeps it open only while a client is attached.
  ['stdin', { what: 'standard input', why: 'the test does not open it' }],
  ['udev', { what: '/run/udev', ...hostFolder('/run/udev') }],
])

function hostFolder(from: string, to = from): Pick<DeniedResource, 'why' | 'grant'> {
  return { why: 'the test mounts no folder of the host', ...byReadOnlyVolume(from, to) }
}

/**
 * Pure: the access that a tested container has to the host. A pull request may have written config.yaml, so the file alone gets no device,
 * folder, socket or namespace of the host, only the harmless capabilities, and always the engine's seccomp and AppArmor profiles. The workflow's
 * owner can grant more; an add-on gets what is both granted and requested. docs/security.md has the whole table.
 * @param optionDevices paths that are the value of an option of type `device`
 * @param granted value of the input `smoke-privileges`: capabilities and paths of devices
 * @param exists is there a device at this path?
 */
export function applyPolicy(
  run: RunConfig,
  optionDevices: readonly string[],
  granted: readonly string[],
  exists: (path: string) => boolean,
): { readonly granted: Granted; readonly denied: readonly DeniedResource[] } {
  const { featureFlags } = run
  const realtime = featureFlags.has('realtime')
  const capabilities = [
    ...new Set([
      ...run.privileged,
      ...(featureFlags.has('kernel_modules') ? ['SYS_MODULE'] : []),
      ...(realtime ? ['SYS_NICE'] : []),
    ]),
  ]
  const isGranted = (capability: string): boolean =>
    harmlessCapabilities.has(capability) || granted.includes(capability)
  const paths = [...new Set([...run.devices, ...optionDevices])].filter(isDevicePath)
  const classes = [...deviceClasses].filter(([wish]) => featureFlags.has(wish))
  const requestsClass = classes.length > 0 || run.fullAccess
  const devices = granted.filter((path) => isDevicePath(path) && (requestsClass || paths.includes(path)))
  const present = devices.filter(exists)
  return {
    granted: {
      capAdd: capabilities.filter(isGranted),
      devices: present,
      ulimits: new Map([
        ...(realtime
          ? ([
              ['rtprio', '90:99'],
              ['memlock', '134217728'],
            ] as const)
          : []),
        ...run.ulimits,
      ]),
      pidsLimit,
    },
    denied: [
      ...capabilities
        .filter((capability) => !isGranted(capability))
        .map((what) => ({ what, why: 'the test does not grant it', ...byPrivileges(what) })),
      ...paths
        .filter((path) => !devices.includes(path))
        .map((path) => ({
          what: `device ${path}`,
          why: 'the test grants no device by default',
          ...byPrivileges(path),
        })),
      ...devices
        .filter((path) => !present.includes(path))
        .map((path) => ({ what: `device ${path}`, why: 'this machine does not have it' })),
      ...(devices.length > 0 ? [] : classes).map(([, what]) => ({
        what,
        why: 'the test grants no device by default',
        ...byPrivileges('/dev/PATH'),
      })),
      ...[...refusals].flatMap(([wish, refusal]) => (featureFlags.has(wish) ? [refusal] : [])),
      ...(run.fullAccess
        ? [
            {
              what: 'full access',
              why: 'the Supervisor grants it only if the user disables protection mode',
              ...byRunArguments('--privileged'),
            },
          ]
        : []),
      ...(run.apparmor
        ? []
        : [
            {
              what: 'no AppArmor profile',
              why: "the engine's default profile applies",
              ...byRunArguments('--security-opt apparmor=unconfined'),
            },
          ]),
      ...(run.hostNetwork
        ? [{ what: 'the host network', why: 'ports of several architectures and of the host would collide' }]
        : []),
    ],
  }
}

/** config.yaml can list any number of devices. */
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
  const requested = listed(grantable.map(({ what }) => what))
  return `. It requests ${requested}, which the test does not grant; to grant it, set ${listed(inputs)}`
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** Pure: the values of all options of type `device`. */
export function devicesIn(value: unknown, schema: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => devicesIn(one, Array.isArray(schema) ? schema[0] : undefined))
  if (isRecord(value) && isRecord(schema)) {
    return Object.entries(value).flatMap(([key, one]) =>
      Object.hasOwn(schema, key) ? devicesIn(one, schema[key]) : [],
    )
  }
  return typeof schema === 'string' && /^device\b/.test(schema) && typeof value === 'string' && value.startsWith('/')
    ? [value]
    : []
}
