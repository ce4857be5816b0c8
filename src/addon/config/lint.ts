import type { Diagnostic } from '../../core/diagnostics.ts'
import { quoted, quotedList } from '../../core/parsed.ts'
import { Problems } from '../../core/problems.ts'
import { featureFlags } from '../addon.ts'
import { type Entry, entryOf, type MapNode, type Node, nodeOf } from '../yaml/tree.ts'

/**
 * The values that the Supervisor uses for keys that are missing. Source: the Supervisor's validate.py, `_SCHEMA_APP_CONFIG`. An empty map is the default of the
 * last three.
 */
const defaults: Readonly<Record<string, string | number | boolean>> = {
  ...Object.fromEntries(featureFlags.map((flag) => [flag, false])),
  ...{ advanced: false, apparmor: true, auth_api: false, auto_uart: false, backup: 'hot', boot: 'auto' },
  ...{ full_access: false, hassio_api: false, hassio_role: 'default', homeassistant_api: false, host_network: false },
  ...{ ingress: false, ingress_port: 8099, ingress_stream: false, init: true, panel_admin: true },
  ...{ panel_icon: 'mdi:puzzle', stage: 'stable', startup: 'application', timeout: 10, tmpfs: false },
}
const emptyByDefault: ReadonlySet<string> = new Set(['options', 'schema', 'ulimits'])

/** Values that the Supervisor accepts, for keys that nothing else reads. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  backup: ['hot', 'cold'],
  boot: ['auto', 'manual', 'manual_only'],
  stage: ['stable', 'experimental', 'deprecated'],
}

/**
 * What is superfluous, contradictory or outdated in config.yaml, though the Supervisor accepts it, and values of a few keys that it rejects. Covers the
 * rules of the add-on linter of the Home Assistant community.
 */
export function lintConfig(root: MapNode): readonly Diagnostic[] {
  const problems = new Problems()
  reportDefaults(root, problems)
  reportValues(root, problems)
  reportServices(root, problems)
  const at = (key: string) => entryOf(root, key)?.keyWhere
  for (const { key, problem, remedy } of contradictions.flatMap((rule) => rule(root))) {
    problems.warning('config/contradiction', problem, remedy, at(key))
  }
  for (const { key, problem, remedy } of outdated.flatMap((rule) => rule(root))) {
    problems.notice('config/outdated-key', problem, remedy, at(key))
  }
  return problems.list
}

interface Found {
  /** Where to report it. */
  readonly key: string
  readonly problem: string
  readonly remedy: string
}

/** One notice for all of them, at the first. */
function reportDefaults(root: MapNode, problems: Problems): void {
  const found = root.entries.filter(isDefault)
  const [first] = found
  if (!first) return
  const keys = found.map(({ key }) => key)
  const [have, them] = found.length === 1 ? ['has its default value', 'it'] : ['have their default values', 'them']
  problems.notice('config/default-value', `${quotedList(keys)} ${have}.`, `Remove ${them}.`, first.keyWhere)
}

function isDefault({ key, node }: Entry): boolean {
  if (emptyByDefault.has(key)) return isEmpty(node)
  return node.kind === 'scalar' && Object.hasOwn(defaults, key) && node.value === defaults[key]
}

const isEmpty = (node: Node): boolean =>
  (node.kind === 'map' && node.entries.length === 0) || (node.kind === 'list' && node.items.length === 0)

function reportValues(root: MapNode, problems: Problems): void {
  for (const [key, values] of Object.entries(allowed)) {
    const node = nodeOf(root, key)
    if (!node || (node.kind === 'scalar' && (node.value === null || values.includes(node.text)))) continue
    const written = node.kind === 'scalar' ? quoted(node.text) : 'Its value'
    problems.warning(
      'config/bad-value',
      `"${key}": ${written} is not a value that the Supervisor accepts, so it rejects the add-on.`,
      `Use one of: ${values.join(', ')}.`,
      node.where,
    )
  }
}

/** Source: the Supervisor's validate.py, `RE_SERVICE`. */
function reportServices(root: MapNode, problems: Problems): void {
  for (const item of itemsOf(root, 'services')) {
    if (item.kind === 'scalar' && /^(?:mqtt|mysql):(?:provide|want|need)$/.test(item.text)) continue
    const written = item.kind === 'scalar' ? quoted(item.text) : 'an entry'
    const problem = `"services": ${written} is not a service that the Supervisor knows, so it rejects the add-on.`
    problems.warning('config/bad-value', problem, 'Write for example "mqtt:need" or "mysql:want".', item.where)
  }
}

const isTrue = (root: MapNode, key: string): boolean => {
  const node = nodeOf(root, key)
  return node?.kind === 'scalar' && node.value === true
}
const textOf = (root: MapNode, key: string): string | undefined => {
  const node = nodeOf(root, key)
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined
}
const itemsOf = (root: MapNode, key: string): readonly Node[] => {
  const node = nodeOf(root, key)
  return node?.kind === 'list' ? node.items : []
}
const has = (root: MapNode, key: string): boolean => entryOf(root, key) !== undefined

/** The folders in `map`: `config:rw` and `type: config` are `config`. */
const foldersOf = (root: MapNode): ReadonlySet<string> =>
  new Set(
    itemsOf(root, 'map').flatMap((item) => {
      const node = item.kind === 'map' ? nodeOf(item, 'type') : item
      return node?.kind === 'scalar' ? [node.text.split(':', 1)[0] ?? ''] : []
    }),
  )

type Rule = (root: MapNode) => readonly Found[]

const contradictions: readonly Rule[] = [
  (root) =>
    isTrue(root, 'ingress') && textOf(root, 'webui')
      ? [
          {
            key: 'webui',
            problem: '"webui" has no effect: with "ingress", users open the page through it.',
            remedy: 'Remove "webui".',
          },
        ]
      : [],
  (root) =>
    isTrue(root, 'ingress') && !isTrue(root, 'host_network') && textOf(root, 'ingress_port') === '0'
      ? [
          {
            key: 'ingress_port',
            problem: '"ingress_port: 0" selects a random port, which is needed only with "host_network".',
            remedy: 'Write the port on which the add-on listens.',
          },
        ]
      : [],
  (root) => {
    const extra = ['devices', 'gpio', 'uart', 'usb'].filter((key) => has(root, key))
    const [key] = extra
    return isTrue(root, 'full_access') && key !== undefined
      ? [
          {
            key,
            problem: `${quotedList(extra)}: "full_access" includes every device.`,
            remedy: 'Remove "full_access", which gives much more than these, or remove these.',
          },
        ]
      : []
  },
  (root) => {
    const extra = ['backup_pre', 'backup_post'].filter((key) => has(root, key))
    const [key] = extra
    return textOf(root, 'backup') === 'cold' && key !== undefined
      ? [
          {
            key,
            problem: `${quotedList(extra)}: an add-on with "backup: cold" is stopped during a backup, so no command runs in it.`,
            remedy: 'Remove these, or "backup: cold".',
          },
        ]
      : []
  },
  (root) => {
    const folders = foldersOf(root)
    const other = ['homeassistant_config', 'addon_config'].filter((folder) => folders.has(folder))
    return folders.has('config') && other.length > 0
      ? [
          {
            key: 'map',
            problem: `"map" has "config" and ${quotedList(other)}, which replace it. The Supervisor warns about both.`,
            remedy: 'Remove "config", and use "homeassistant_config" for the configuration of Home Assistant.',
          },
        ]
      : []
  },
]

const outdated: readonly Rule[] = [
  (root) =>
    has(root, 'auto_uart')
      ? [{ key: 'auto_uart', problem: '"auto_uart" is now called "uart".', remedy: 'Rename it.' }]
      : [],
  (root) =>
    itemsOf(root, 'devices').some((item) => item.kind === 'scalar' && item.text.includes(':'))
      ? [
          {
            key: 'devices',
            problem: 'Entries of "devices" are paths only. The Supervisor ignores what comes after a ":".',
            remedy: 'Write for example "/dev/ttyUSB0".',
          },
        ]
      : [],
  (root) => {
    const node = nodeOf(root, 'tmpfs')
    return node?.kind === 'scalar' && typeof node.value !== 'boolean' && node.value !== null
      ? [
          {
            key: 'tmpfs',
            problem: '"tmpfs" is true or false now. The Supervisor reads any text as true.',
            remedy: 'Write "tmpfs: true".',
          },
        ]
      : []
  },
  (root) =>
    textOf(root, 'watchdog')
      ? [
          {
            key: 'watchdog',
            problem:
              '"watchdog" is not needed: the Supervisor restarts a container that its HEALTHCHECK reports as unhealthy.',
            remedy: 'Move the address into a HEALTHCHECK of the Dockerfile.',
          },
        ]
      : [],
  (root) =>
    has(root, 'codenotary')
      ? [
          {
            key: 'codenotary',
            problem: '"codenotary" no longer has an effect: the service was shut down.',
            remedy: 'Remove it.',
          },
        ]
      : [],
  (root) =>
    isTrue(root, 'advanced')
      ? [
          {
            key: 'advanced',
            problem:
              '"advanced" hides the add-on from users without the advanced mode, which Home Assistant is removing.',
            remedy: 'Remove it.',
          },
        ]
      : [],
  (root) =>
    isTrue(root, 'full_access')
      ? [
          {
            key: 'full_access',
            problem: '"full_access" gives the add-on every device of the machine, and users a lower security rating.',
            remedy: 'Use "devices", "uart", "usb" or "privileged" for what it needs.',
          },
        ]
      : [],
  (root) =>
    foldersOf(root).has('config') && !['homeassistant_config', 'addon_config'].some((one) => foldersOf(root).has(one))
      ? [
          {
            key: 'map',
            problem: '"config" in "map" is the old name of "homeassistant_config".',
            remedy:
              'Use "homeassistant_config", and note that its path in the container is /homeassistant; or "addon_config" for files of the add-on.',
          },
        ]
      : [],
]
