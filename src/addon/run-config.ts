import { type Diagnostic, warning } from '../diagnostics.ts'
import { quoted } from '../inputs/parsed.ts'
import { type RunConfig, type Wish, wishes } from './addon.ts'
import { startups } from './config-keys.ts'
import { suggestion } from './nearest.ts'
import { notQuoted } from './scalars.ts'
import { describe, entryOf, isUnquoted, type MapNode, type Node, placesOf, toValue } from './tree.ts'

/** What the Supervisor does with an add-on that has no config at all. */
export const defaultRun: RunConfig = {
  init: true,
  startup: 'application',
  options: {},
  optionPlaces: new Map(),
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
  hostNetwork: false,
  hassioApi: false,
  hassioRole: 'default',
  homeassistantApi: false,
  authApi: false,
  ulimits: new Map(),
  apparmor: true,
  wishes: new Set(),
}

/** What the smoke test needs of config.yaml. A value of the wrong kind is a warning, and the Supervisor's default holds. */
export function readRun(root: MapNode, diagnostics: Diagnostic[]): RunConfig {
  const read = new ConfigReader(root, diagnostics)
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
    // A required option that has no default stands in the schema only.
    optionPlaces: new Map([schema, options].flatMap((node) => (node ? [...placesOf(node)] : []))),
    ports: readPorts(read),
    ingress: read.boolean('ingress', false),
    ingressPort: read.number('ingress_port', 8099, 0, 65_535),
    ...(ingressEntry !== undefined && { ingressEntry }),
    ...(webui !== undefined && { webui }),
    ...(watchdog !== undefined && { watchdog }),
    timeout: read.number('timeout', 10, 10, 300),
    environment: read.pairs('environment'),
    tmpfs: readTmpfs(read),
    map: readMap(read),
    privileged: read.texts('privileged'),
    fullAccess: read.boolean('full_access', false),
    // `path:path:rwm` was the format until 2021.
    devices: read.texts('devices').map((device) => device.split(':', 1)[0] ?? device),
    services: read.texts('services'),
    hostNetwork: read.boolean('host_network', false),
    hassioApi: read.boolean('hassio_api', false),
    hassioRole: read.text('hassio_role') ?? 'default',
    homeassistantApi: read.boolean('homeassistant_api', false),
    authApi: read.boolean('auth_api', false),
    ulimits: readUlimits(read),
    apparmor: read.boolean('apparmor', true),
    wishes: readWishes(read),
  }
}

class ConfigReader {
  readonly #root: MapNode
  readonly #diagnostics: Diagnostic[]

  constructor(root: MapNode, diagnostics: Diagnostic[]) {
    this.#root = root
    this.#diagnostics = diagnostics
  }

  /** Undefined where the key is missing or empty. */
  node(key: string): Node | undefined {
    const node = entryOf(this.#root, key)?.node
    return node?.kind === 'scalar' && node.value === null ? undefined : node
  }

  refuse(key: string, node: Node, expected: string): undefined {
    this.#diagnostics.push(
      warning(
        'config/bad-value',
        `"${key}" is ${node.kind === 'scalar' && node.text !== '' ? quoted(node.text) : describe(node)}, and the Supervisor refuses the add-on for it.`,
        `Write ${expected}.`,
        node.where,
      ),
    )
  }

  boolean(key: string, otherwise: boolean): boolean {
    const node = this.node(key)
    if (!node) return otherwise
    // voluptuous.Boolean: these texts, in any case.
    const text = node.kind === 'scalar' ? node.text.toLowerCase() : ''
    if (['1', 'true', 'yes', 'on', 'enable'].includes(text)) return true
    if (['0', 'false', 'no', 'off', 'disable'].includes(text)) return false
    this.refuse(key, node, 'true or false')
    return otherwise
  }

  number(key: string, otherwise: number, least: number, most: number): number {
    const node = this.node(key)
    if (!node) return otherwise
    const value = node.kind === 'scalar' && node.text.trim() !== '' ? Number(node.text) : Number.NaN
    if (Number.isInteger(value) && value >= least && value <= most) return value
    this.refuse(key, node, `a whole number from ${least} to ${most}`)
    return otherwise
  }

  text(key: string): string | undefined {
    const node = this.node(key)
    if (!node) return undefined
    return node.kind === 'scalar' ? node.text : this.refuse(key, node, 'a text')
  }

  /** @param example what the Supervisor takes; undefined is returned for anything else. */
  address(key: string, pattern: RegExp, example: string): string | undefined {
    const text = this.text(key)
    if (text === undefined || pattern.test(text)) return text
    const node = this.node(key)
    if (node) {
      this.#diagnostics.push(
        warning(
          'config/bad-value',
          `"${key}" is not an address as the Supervisor takes it; it refuses the add-on.`,
          `Write it as in "${example}".`,
          node.where,
        ),
      )
    }
    return undefined
  }

  startup(): string {
    const node = this.node('startup')
    if (!node) return 'application'
    const text = node.kind === 'scalar' ? node.text : ''
    if (text === 'before') return 'services'
    if (text === 'after') return 'application'
    if ((startups as readonly string[]).includes(text)) return text
    this.#diagnostics.push(
      warning(
        'config/bad-value',
        `"startup" is ${text === '' ? describe(node) : quoted(text)}, and the Supervisor refuses the add-on for it.`,
        suggestion(text, startups.slice(0, 5)),
        node.where,
      ),
    )
    return 'application'
  }

  texts(key: string): readonly string[] {
    const node = this.node(key)
    if (!node) return []
    if (node.kind !== 'list') {
      this.refuse(key, node, 'a list of texts')
      return []
    }
    return node.items.flatMap((item) => {
      if (item.kind === 'scalar') return [item.text]
      this.refuse(key, item, 'a text for each entry')
      return []
    })
  }

  list(key: string): readonly Node[] {
    const node = this.node(key)
    if (!node) return []
    if (node.kind === 'list') return node.items
    this.refuse(key, node, 'a list')
    return []
  }

  map(key: string): MapNode | undefined {
    const node = this.node(key)
    if (!node || node.kind === 'map') return node
    // `options: []` and `options: ''` stand in many files and hold nothing.
    if (node.kind === 'list' && node.items.length === 0) return undefined
    return this.refuse(key, node, 'names with values')
  }

  pairs(key: string): ReadonlyMap<string, string> {
    const map = this.map(key)
    return new Map(
      map?.entries.flatMap(({ key: name, node }) => {
        if (isUnquoted(node)) this.#diagnostics.push(notQuoted(`"${key}.${name}"`, node))
        if (node.kind === 'scalar') return [[name, node.text] as const]
        this.refuse(`${key}.${name}`, node, 'a text')
        return []
      }),
    )
  }
}

function readWishes(read: ConfigReader): ReadonlySet<Wish> {
  const wanted = new Set(wishes.filter((key) => read.boolean(key, false)))
  // Its name until 2021.
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
    const port = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(key)
    const inside = Number(port?.[1])
    if (!port || inside < 1 || inside > 65_535) {
      read.refuse(`ports.${key}`, { kind: 'scalar', text: key, value: key, where: keyWhere }, 'a port as in "8080/tcp"')
      continue
    }
    const outside = node.kind === 'scalar' && node.value !== null ? Number(node.text) : null
    if (
      node.kind !== 'scalar' ||
      (outside !== null && !(Number.isInteger(outside) && outside >= 0 && outside <= 65_535))
    ) {
      read.refuse(`ports.${key}`, node, 'a port of the host, or null')
      continue
    }
    ports.set(`${inside}/${port[2] ?? 'tcp'}`, outside)
  }
  return ports
}

/** Until 2021 it was the text of a mount option; any text means true. */
function readTmpfs(read: ConfigReader): boolean {
  const node = read.node('tmpfs')
  if (!node) return false
  return node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : true
}

function readMap(read: ConfigReader): RunConfig['map'] {
  return read.list('map').flatMap((node) => {
    if (node.kind === 'scalar') {
      const [type = '', mode] = node.text.split(':')
      return [{ type, readOnly: mode !== 'rw' }]
    }
    if (node.kind !== 'map') return []
    const field = (key: string) => entryOf(node, key)?.node
    const type = field('type')
    const readOnly = field('read_only')
    const path = field('path')
    if (type?.kind !== 'scalar') {
      read.refuse('map', node, 'a "type" in each entry')
      return []
    }
    return [
      {
        type: type.text,
        readOnly: !(readOnly?.kind === 'scalar' && readOnly.value === false),
        ...(path?.kind === 'scalar' && path.text !== '' && { path: path.text }),
      },
    ]
  })
}

function readUlimits(read: ConfigReader): ReadonlyMap<string, string> {
  const limits = new Map<string, string>()
  for (const { key, node } of read.map('ulimits')?.entries ?? []) {
    if (node.kind === 'scalar' && /^-?\d+$/.test(node.text)) limits.set(key, node.text)
    else if (node.kind === 'map') {
      const [soft, hard] = ['soft', 'hard'].map((name) => entryOf(node, name)?.node)
      if (soft?.kind === 'scalar' && hard?.kind === 'scalar') limits.set(key, `${soft.text}:${hard.text}`)
      else read.refuse(`ulimits.${key}`, node, '"soft" and "hard"')
    } else read.refuse(`ulimits.${key}`, node, 'a number')
  }
  return limits
}
