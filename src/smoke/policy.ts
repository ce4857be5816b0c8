import type { RunConfig, Wish } from '../addon/addon.ts'
import { isDevicePath } from '../core/run-rules.ts'
import type { ContainerSpec } from '../docker/containers.ts'
import { isPlain } from './options/merge.ts'

/** Something that config.yaml asks for and the test does not give: the report names it, it is never dropped silently. */
export interface NotGiven {
  readonly what: string
  readonly why: string
  /** The input and its value by which the workflow's owner gives it to the test. */
  readonly grant?: { readonly input: 'smoke-privileges' | 'smoke-run-args' | 'smoke-env'; readonly value: string }
}

type Given = Required<Pick<ContainerSpec, 'capAdd' | 'devices' | 'ulimits' | 'pidsLimit'>>

/** Capabilities that reach nothing outside of the container's own namespaces, or only its share of the processor and of the memory. */
export const harmlessCapabilities: ReadonlySet<string> = new Set(['NET_ADMIN', 'NET_RAW', 'SYS_NICE', 'IPC_LOCK'])

/** Enough for any add-on. Without a limit a fork bomb takes the machine down. */
const pidsLimit = 4096

const privileges = (value: string) => ({ grant: { input: 'smoke-privileges', value } as const })
const runArguments = (value: string) => ({ grant: { input: 'smoke-run-args', value } as const })
const readOnly = (from: string, to = from) => runArguments(`--volume ${from}:${to}:ro`)

/** Feature flags that ask for any device of a class. */
const deviceClasses: ReadonlyMap<Wish, string> = new Map([
  ['gpio', 'GPIO'],
  ['uart', 'serial ports'],
  ['usb', 'USB devices'],
  ['video', 'video devices'],
])

/** Feature flags that ask for a folder, a socket or a namespace of this machine. Source of the paths: Supervisor docker/app.py, mounts. */
const refusals: ReadonlyMap<Wish, NotGiven> = new Map<Wish, NotGiven>([
  ['audio', { what: 'audio', why: 'there is no sound server' }],
  ['devicetree', { what: 'the device tree', ...hostFolder('/sys/firmware/devicetree/base', '/device-tree') }],
  [
    'docker_api',
    {
      what: 'the Docker API',
      why: 'the Supervisor grants it only when the user switches protection off',
      ...readOnly('/var/run/docker.sock', '/run/docker.sock'),
    },
  ],
  ['host_dbus', { what: 'the D-Bus of the host', ...hostFolder('/run/dbus') }],
  ['host_ipc', { what: 'the IPC of the host', why: 'the test shares no namespace', ...runArguments('--ipc host') }],
  [
    'host_pid',
    {
      what: 'the processes of the host',
      why: 'the Supervisor grants them only when the user switches protection off',
      ...runArguments('--pid host'),
    },
  ],
  ['host_uts', { what: 'the host name of the host', why: 'the test shares no namespace' }],
  ['journald', { what: 'the journal', ...hostFolder('/var/log/journal') }],
  ['kernel_modules', { what: '/lib/modules', ...hostFolder('/lib/modules') }],
  // The docker program keeps it open only as long as it is attached itself.
  ['stdin', { what: 'standard input', why: 'the test writes nothing to it, so it is at its end' }],
  ['udev', { what: '/run/udev', ...hostFolder('/run/udev') }],
])

function hostFolder(from: string, to = from): Pick<NotGiven, 'why' | 'grant'> {
  return { why: 'the test mounts no folder of the machine', ...readOnly(from, to) }
}

/**
 * Pure: what a tested container gets of the machine. A pull request may have written config.yaml, so by itself the file gets no device, no
 * folder, no socket and no namespace of the machine, only the harmless capabilities, and always the engine's own seccomp and AppArmor
 * profiles. The workflow's owner grants more, and an add-on gets of it what it asks for. docs/security.md has the whole table.
 * @param optionDevices paths that are the value of an option of type `device`
 * @param granted value of the input `smoke-privileges`: capabilities and paths of devices
 * @param exists is there a device at this path?
 */
export function applyPolicy(
  run: RunConfig,
  optionDevices: readonly string[],
  granted: readonly string[],
  exists: (path: string) => boolean,
): { readonly given: Given; readonly notGiven: readonly NotGiven[] } {
  const { wishes } = run
  const realtime = wishes.has('realtime')
  const capabilities = [
    ...new Set([
      ...run.privileged,
      ...(wishes.has('kernel_modules') ? ['SYS_MODULE'] : []),
      ...(realtime ? ['SYS_NICE'] : []),
    ]),
  ]
  const mayHave = (capability: string): boolean => harmlessCapabilities.has(capability) || granted.includes(capability)
  const paths = [...new Set([...run.devices, ...optionDevices])].filter(isDevicePath)
  const classes = [...deviceClasses].filter(([wish]) => wishes.has(wish))
  const ofClass = classes.length > 0 || run.fullAccess
  const devices = granted.filter((path) => isDevicePath(path) && (ofClass || paths.includes(path)))
  const present = devices.filter(exists)
  return {
    given: {
      capAdd: capabilities.filter(mayHave),
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
    notGiven: [
      ...capabilities
        .filter((capability) => !mayHave(capability))
        .map((what) => ({ what, why: 'the test does not grant it', ...privileges(what) })),
      ...paths
        .filter((path) => !devices.includes(path))
        .map((path) => ({ what: `device ${path}`, why: 'the test gives no device by itself', ...privileges(path) })),
      ...devices
        .filter((path) => !present.includes(path))
        .map((path) => ({ what: `device ${path}`, why: 'this machine does not have it' })),
      ...(devices.length > 0 ? [] : classes).map(([, what]) => ({
        what,
        why: 'the test gives no device by itself',
        ...privileges('/dev/PATH'),
      })),
      ...[...refusals].flatMap(([wish, refusal]) => (wishes.has(wish) ? [refusal] : [])),
      ...(run.fullAccess
        ? [
            {
              what: 'full access',
              why: 'the Supervisor grants it only when the user switches protection off',
              ...runArguments('--privileged'),
            },
          ]
        : []),
      ...(run.apparmor
        ? []
        : [
            {
              what: 'a start without AppArmor',
              why: "the engine's own profile applies",
              ...runArguments('--security-opt apparmor=unconfined'),
            },
          ]),
      ...(run.hostNetwork
        ? [{ what: 'the host network', why: 'ports of several architectures and of this machine would clash' }]
        : []),
    ],
  }
}

/** A list of devices may be as long as a file allows. */
const mostNamed = 12

/** Pure: the line of the `hardware` check. */
export function describeNotGiven(notGiven: readonly NotGiven[]): string {
  const named = notGiven
    .slice(0, mostNamed)
    .map(({ what, why, grant }) => `${what}: ${why}${grant ? ` (granted by "${grant.input}: ${grant.value}")` : ''}`)
  const more = notGiven.length - named.length
  return `not given to the test: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join('; ')}`
}

/** Pure: what may be behind a failure, as the end of a sentence; undefined where no input of the workflow's owner would help. */
export function askedInVain(notGiven: readonly NotGiven[]): string | undefined {
  const grantable = notGiven.flatMap(({ what, grant }) => (grant ? [{ what, ...grant }] : [])).slice(0, mostNamed)
  if (grantable.length === 0) return undefined
  const inputs = [...new Set(grantable.map(({ input }) => input))].map((input) => {
    const values = [...new Set(grantable.filter((one) => one.input === input).map(({ value }) => value))]
    return `"${input}: ${values.join(input === 'smoke-run-args' ? ' ' : ', ')}"`
  })
  const asked = listed(grantable.map(({ what }) => what))
  return `. It asked for ${asked}, which the test does not grant; ${listed(inputs)} ${inputs.length === 1 ? 'does' : 'do'}`
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** Pure: the values of all options that are devices by the schema. */
export function devicesIn(value: unknown, schema: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => devicesIn(one, Array.isArray(schema) ? schema[0] : undefined))
  if (isPlain(value) && isPlain(schema)) {
    return Object.entries(value).flatMap(([key, one]) =>
      Object.hasOwn(schema, key) ? devicesIn(one, schema[key]) : [],
    )
  }
  return typeof schema === 'string' && /^device\b/.test(schema) && typeof value === 'string' && value.startsWith('/')
    ? [value]
    : []
}
