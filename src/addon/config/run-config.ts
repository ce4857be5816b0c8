import {
  capabilities,
  hassioRoles,
  isDevicePath,
  mappedFolders,
  mountPathProblem,
  ulimitProblem,
  variableProblem,
} from '../../core/container-rules.ts'
import { quoted } from '../../core/parsed.ts'
import type { Problems } from '../../core/problems.ts'
import { variableBytes } from '../../core/variables.ts'
import { type FeatureFlag, featureFlags, type RunConfig } from '../addon.ts'
import { ConfigReader } from '../config-reader.ts'
import { entryOf, locationsOf, type MapNode, type Node, toValue } from '../yaml/tree.ts'

/** The Supervisor's defaults, for an add-on without a config. */
export const defaultRun: RunConfig = {
  init: true,
  startup: 'application',
  options: {},
  optionLocations: new Map(),
  ports: new Map(),
  ingress: false,
  ingressPort: 8099,
  timeout: 10,
  environment: new Map(),
  tmpfs: false,
  map: [],
  privileged: [],
  fullAccess: false,
  devices: [],
  services: [],
  discovery: [],
  boot: 'auto',
  hostNetwork: false,
  hassioApi: false,
  hassioRole: 'default',
  homeassistantApi: false,
  authApi: false,
  ulimits: new Map(),
  apparmor: true,
  featureFlags: new Set(),
}

/** Reads the keys that the smoke test uses. A value of the wrong type is a warning, and the Supervisor's default applies. */
export function readRun(root: MapNode, problems: Problems): RunConfig {
  const read = new ConfigReader(root, problems)
  const options = read.map('options')
  const schema = read.node('schema')
  const ingressEntry = read.text('ingress_entry')
  // Patterns of the Supervisor's validate.py.
  const webui = read.address(
    'webui',
    /^(?:https?|\[PROTO:\w+\]):\/\/\[HOST\]:\[PORT:\d+\]/,
    'http://[HOST]:[PORT:8080]/',
  )
  const watchdog = read.address(
    'watchdog',
    /^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(?:\[PORT:\d+\]|\d+)/,
    'http://[HOST]:[PORT:8080]/health',
  )
  return {
    init: read.boolean('init', true),
    startup: read.startup(),
    options: options ? (toValue(options) as Record<string, unknown>) : {},
    ...readSchema(schema, read),
    // A required option without a default is only in the schema.
    optionLocations: new Map([schema, options].flatMap((node) => (node ? [...locationsOf(node)] : []))),
    ports: readPorts(read),
    ingress: read.boolean('ingress', false),
    ingressPort: read.number('ingress_port', 8099, 0, 65_535),
    ...(ingressEntry !== undefined && { ingressEntry }),
    ...(webui !== undefined && { webui }),
    ...(watchdog !== undefined && { watchdog }),
    timeout: read.number('timeout', 10, 10, 300),
    environment: readEnvironment(read),
    tmpfs: readTmpfs(read),
    map: readMap(read),
    privileged: read.words('privileged', capabilities),
    fullAccess: read.boolean('full_access', false),
    devices: readDevices(read),
    services: read.texts('services'),
    discovery: read.texts('discovery'),
    // `manual_only`: the user cannot change it.
    boot: read.text('boot')?.startsWith('manual') ? 'manual' : 'auto',
    hostNetwork: read.boolean('host_network', false),
    hassioApi: read.boolean('hassio_api', false),
    hassioRole: readRole(read),
    homeassistantApi: read.boolean('homeassistant_api', false),
    authApi: read.boolean('auth_api', false),
    ulimits: readUlimits(read),
    apparmor: read.boolean('apparmor', true),
    featureFlags: readFeatureFlags(read),
  }
}

function readEnvironment(read: ConfigReader): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  let bytes = 0
  for (const { name, value, where } of read.pairs('environment')) {
    const found = variableProblem(name, value.text, bytes)
    if (found) {
      read.leaveOut(`"environment" entry ${quoted(name)}`, found.problem, found.remedy, where)
      continue
    }
    variables.set(name, value.text)
    bytes += variableBytes(name, value.text)
  }
  return variables
}

/** `path:path:rwm` was the format until 2021. */
function readDevices(read: ConfigReader): readonly string[] {
  return read.scalars('devices').flatMap(({ text, where }) => {
    const path = text.split(':', 1)[0] ?? text
    if (isDevicePath(path)) return [path]
    read.leaveOut(`device ${quoted(text)}`, 'it is not a path under /dev', 'Write for example "/dev/ttyUSB0".', where)
    return []
  })
}

function readRole(read: ConfigReader): string {
  const node = read.node('hassio_role')
  const role = read.text('hassio_role') ?? 'default'
  if ((hassioRoles as readonly string[]).includes(role)) return role
  if (node?.kind === 'scalar') read.refuseWord('hassio_role', node, hassioRoles)
  return 'default'
}

function readFeatureFlags(read: ConfigReader): ReadonlySet<FeatureFlag> {
  const wanted = new Set(featureFlags.filter((key) => read.boolean(key, false)))
  // `uart` was called `auto_uart` until 2021.
  if (read.boolean('auto_uart', false)) wanted.add('uart')
  return wanted
}

function readSchema(schema: Node | undefined, read: ConfigReader): Pick<RunConfig, 'schema'> | undefined {
  if (!schema) return undefined
  if (schema.kind === 'scalar' && schema.value === false) return { schema: false }
  if (schema.kind === 'map') return { schema: toValue(schema) as Record<string, unknown> }
  if (schema.kind === 'list' && schema.items.length === 0) return { schema: {} }
  return read.refuse('schema', schema, 'names with types, or false')
}

function readPorts(read: ConfigReader): ReadonlyMap<string, number | null> {
  const ports = new Map<string, number | null>()
  for (const { key, keyWhere, node } of read.map('ports')?.entries ?? []) {
    const [, inside = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(key) ?? []
    const isEmpty = node.kind === 'scalar' && node.value === null
    const outside = isEmpty ? null : portOf(node)
    if (Number(inside) < 1 || Number(inside) > 65_535) {
      const name: Node = { kind: 'scalar', text: key, value: key, where: keyWhere }
      read.refuse(`ports.${key}`, name, 'a port such as "8080/tcp"')
    } else if (outside === undefined) read.refuse(`ports.${key}`, node, 'a port of the host, or null')
    else ports.set(`${Number(inside)}/${protocol}`, outside)
  }
  return ports
}

function portOf(node: Node): number | undefined {
  const port = node.kind === 'scalar' && node.text.trim() !== '' ? Number(node.text) : Number.NaN
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined
}

/** Until 2021 it was a string with a mount option; any string means true. */
function readTmpfs(read: ConfigReader): boolean {
  const node = read.node('tmpfs')
  if (!node) return false
  return node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : true
}

function checkMapType(type: string, { where }: Node, read: ConfigReader): void {
  if (mappedFolders.has(type)) return
  const remedy = `Use one of: ${[...mappedFolders.keys()].join(', ')}.`
  read.leaveOut(`"map" entry ${quoted(type)}`, 'the test has no such folder', remedy, where)
}

function readMap(read: ConfigReader): RunConfig['map'] {
  return read.list('map').flatMap((node) => {
    if (node.kind === 'scalar') {
      const [type = '', mode] = node.text.split(':')
      checkMapType(type, node, read)
      return [{ type, readOnly: mode !== 'rw' }]
    }
    if (node.kind !== 'map') {
      read.refuse('map', node, 'a name, or a map with a "type", for each entry')
      return []
    }
    const field = (key: string) => entryOf(node, key)?.node
    const type = field('type')
    const readOnly = field('read_only')
    const path = field('path')
    if (type?.kind !== 'scalar') {
      read.refuse('map', node, 'a "type" in each entry')
      return []
    }
    checkMapType(type.text, type, read)
    return [
      {
        type: type.text,
        readOnly: !(readOnly?.kind === 'scalar' && readOnly.value === false),
        ...readMountPath(path, type.text, read),
      },
    ]
  })
}

function readMountPath(path: Node | undefined, type: string, read: ConfigReader): { readonly path?: string } {
  if (path?.kind !== 'scalar' || path.text === '') return {}
  const found = mountPathProblem(path.text)
  if (!found) return { path: path.text.replace(/\/$/, '') }
  const what = `"path" ${quoted(path.text)} of "map" entry ${quoted(type)}`
  read.leaveOut(what, `it ${found.problem}. The usual path of the folder is used`, found.remedy, path.where)
  return {}
}

function readUlimits(read: ConfigReader): ReadonlyMap<string, string> {
  const limits = new Map<string, string>()
  for (const { key, keyWhere, node } of read.map('ulimits')?.entries ?? []) {
    const value = ulimitText(key, node, read)
    const found = value === undefined ? undefined : ulimitProblem(key, value)
    if (found) read.leaveOut(`"ulimits" entry ${quoted(key)}`, found.problem, found.remedy, keyWhere)
    else if (value !== undefined) limits.set(key, value)
  }
  return limits
}

/** `SOFT` or `SOFT:HARD`. */
function ulimitText(key: string, node: Node, read: ConfigReader): string | undefined {
  if (node.kind === 'scalar' && /^-?\d+$/.test(node.text)) return node.text
  if (node.kind !== 'map') return read.refuse(`ulimits.${key}`, node, 'a number')
  const [soft, hard] = ['soft', 'hard'].map((name) => entryOf(node, name)?.node)
  return soft?.kind === 'scalar' && hard?.kind === 'scalar'
    ? `${soft.text}:${hard.text}`
    : read.refuse(`ulimits.${key}`, node, '"soft" and "hard"')
}
