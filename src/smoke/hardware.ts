import type { RunConfig, Wish } from '../addon/addon.ts'
import type { Bind, ContainerSpec } from '../docker/containers.ts'
import { isPlain } from './merge.ts'

/** What of the add-on's wishes is not given, and why: said in the report, never silently dropped. */
export interface NotGiven {
  readonly what: string
  readonly why: string
}

type Given = Required<Pick<ContainerSpec, 'binds' | 'capAdd' | 'devices' | 'ulimits'>>

/** Folders that nobody can do harm with, read-only. Source: Supervisor docker/app.py, mounts. */
const folders: Readonly<Partial<Record<Wish, Bind>>> = {
  devicetree: { source: '/sys/firmware/devicetree/base', target: '/device-tree' },
  kernel_modules: { source: '/lib/modules', target: '/lib/modules' },
  udev: { source: '/run/udev', target: '/run/udev' },
}

const usbBus = '/dev/bus/usb'

/** A pull request may have changed config.yaml: what reaches out of the container is not given to it. */
const refusals: Readonly<Partial<Record<Wish, NotGiven>>> = {
  audio: { what: 'audio', why: 'there is no sound server' },
  docker_api: { what: 'the Docker API', why: 'the Supervisor grants it only when the user switches protection off' },
  gpio: { what: 'GPIO', why: 'the pins of this machine are left alone' },
  host_dbus: { what: 'the D-Bus of the host', why: 'that of this machine is left alone' },
  host_ipc: { what: 'the IPC of the host', why: 'that of this machine is left alone' },
  host_pid: {
    what: 'the processes of the host',
    why: 'the Supervisor grants them only when the user switches protection off',
  },
  host_uts: { what: 'the host name of the host', why: 'that of this machine is left alone' },
  journald: { what: 'the journal', why: 'that of this machine is left alone' },
  // The docker program keeps it open only as long as it is attached itself.
  stdin: { what: 'standard input', why: 'nobody writes to it, so it is at its end' },
  uart: { what: 'serial ports', why: 'name one with "smoke-run-args: --device PATH" where the machine has it' },
  video: { what: 'video devices', why: 'name one with "smoke-run-args: --device PATH" where the machine has it' },
}

/**
 * Pure: what the container is given of the machine, and what not.
 * @param optionDevices paths that are the value of an option of type `device`
 */
export function hardwareOf(
  run: RunConfig,
  optionDevices: readonly string[],
  exists: (path: string) => boolean,
): { readonly given: Given; readonly notGiven: readonly NotGiven[] } {
  const { wishes } = run
  const devices = [...new Set([...run.devices, ...optionDevices])]
  const missing = devices.filter((path) => !exists(path))
  const wanted = Object.entries(folders).flatMap(([wish, bind]) => (wishes.has(wish as Wish) ? [bind] : []))
  const usb = wishes.has('usb')
  const realtime = wishes.has('realtime')
  const absent = 'this machine does not have it'
  return {
    given: {
      binds: wanted.filter(({ source }) => exists(source)),
      capAdd: [
        ...new Set([
          ...run.privileged,
          ...(wishes.has('kernel_modules') ? ['SYS_MODULE'] : []),
          ...(realtime ? ['SYS_NICE'] : []),
        ]),
      ],
      devices: [...devices.filter((path) => !missing.includes(path)), ...(usb && exists(usbBus) ? [usbBus] : [])],
      ulimits: new Map([
        ...(realtime
          ? ([
              ['rtprio', '90:99'],
              ['memlock', '134217728'],
            ] as const)
          : []),
        ...run.ulimits,
      ]),
    },
    notGiven: [
      ...missing.map((path) => ({ what: `device ${path}`, why: absent })),
      ...wanted.filter(({ source }) => !exists(source)).map(({ source }) => ({ what: source, why: absent })),
      ...(usb && !exists(usbBus) ? [{ what: 'USB devices', why: 'this machine has none' }] : []),
      ...Object.entries(refusals).flatMap(([wish, refusal]) => (wishes.has(wish as Wish) ? [refusal] : [])),
      ...(run.fullAccess
        ? [{ what: 'full access', why: 'the Supervisor grants it only when the user switches protection off' }]
        : []),
      ...(run.hostNetwork
        ? [{ what: 'the host network', why: 'ports of several architectures and of this machine would clash' }]
        : []),
    ],
  }
}

/** Pure: the values of all options that are devices by the schema. */
export function devicesIn(value: unknown, schema: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => devicesIn(one, Array.isArray(schema) ? schema[0] : undefined))
  if (isPlain(value) && isPlain(schema)) {
    return Object.entries(value).flatMap(([key, one]) => devicesIn(one, schema[key]))
  }
  return typeof schema === 'string' && /^device\b/.test(schema) && typeof value === 'string' && value.startsWith('/')
    ? [value]
    : []
}
