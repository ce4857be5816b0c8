import { type Diagnostic, error, notice, type Place, warning } from '../../diagnostics.ts'
import type { Addon, Dockerfile } from '../addon.ts'
import { type Architecture, architectures } from '../architecture.ts'
import { baseOf } from '../base-of.ts'
import { readBuildFile } from '../build-file.ts'
import { chainOf } from '../dockerfile.ts'
import { expand } from '../expand.ts'
import { type Files, joinPath } from '../files.ts'
import { type ReadOptions, readAddons } from '../read.ts'
import { readText } from '../text.ts'
import { addKeys, remainder } from './build-file.ts'
import type { Change } from './diff.ts'
import { migrateDockerfile } from './dockerfile.ts'
import { migrateWorkflow } from './workflow.ts'

export interface Migration {
  readonly changes: readonly Change[]
  readonly diagnostics: readonly Diagnostic[]
}

/** What the step of a workflow is changed to. */
export const thisAction = 'org/aicleaner-build@v1'

/** Always set for a build, so a value of build.yaml for it was a mistake that ends with the file. */
const everywhere: ReadonlySet<string> = new Set([
  'BUILD_ARCH',
  'BUILD_DATE',
  'BUILD_DESCRIPTION',
  'BUILD_FROM',
  'BUILD_NAME',
  'BUILD_REF',
  'BUILD_REPOSITORY',
  'BUILD_VERSION',
])
/** Always ours, whatever build.yaml says. */
const ourLabels: ReadonlySet<string> = new Set(['io.hass.version', 'io.hass.arch'])
/** BuildKit takes them without an ARG. */
const predefined = /^(https?|ftp|no|all)_proxy$/i

/**
 * The change that moves add-ons off build.yaml and workflows off the retired action. Nothing is written.
 * Only readable add-ons are moved; what is wrong with the others is in the diagnostics.
 */
export async function migrate(options: ReadOptions, files: Files): Promise<Migration> {
  const { addons, diagnostics } = await readAddons(options, files)
  const parts = await Promise.all([...addons.map((addon) => migrateAddon(addon, files)), migrateWorkflows(files)])
  return {
    changes: parts.flatMap(({ changes }) => changes),
    diagnostics: [...diagnostics, ...parts.flatMap((part) => part.diagnostics)],
  }
}

async function migrateAddon(addon: Addon, files: Files): Promise<Migration> {
  const file = addon.files.build
  const source = file === undefined ? undefined : await raw(file, files)
  if (file === undefined || source === undefined) return { changes: [], diagnostics: [] }
  const { build } = readBuildFile(source, file)
  const where: Place = { file, line: 1, column: 1 }
  const diagnostics: Diagnostic[] = []
  const keep = new Map<string, ReadonlySet<string> | 'all'>()
  const changes: Change[] = []
  const config = await moveToConfig(addon, files, keep, diagnostics)
  if (config) changes.push(config)
  if (build.cosign) {
    keep.set('cosign', 'all')
    diagnostics.push(
      notice(
        'migrate/kept',
        `"cosign" has no place in a Dockerfile; it stays in ${baseName(file)}.`,
        'Nothing has to be done.',
        where,
      ),
    )
  }
  const args = movable(new Map(addon.buildArguments), 'args', addon, keep, diagnostics)
  const labels = movable(new Map(addon.labels), 'labels', addon, keep, diagnostics)
  for (const [key, dockerfile] of addon.dockerfiles) {
    const before = await raw(dockerfile.file, files)
    if (before === undefined) continue
    const moved = migrateDockerfile(before, dockerfile.file, {
      bases: basesOf(addon, key),
      args,
      labels: new Map([...labels].filter(([name, value]) => !isSaid(dockerfile, name, value))),
    })
    diagnostics.push(...moved.diagnostics)
    if (moved.text !== before) changes.push({ file: dockerfile.file, before, after: moved.text })
  }
  const after = remainder(source, file, keep)
  changes.push({ file, before: source, after })
  if (await means(addon, changes, files)) return { changes, diagnostics }
  return {
    changes: [],
    diagnostics: [
      error(
        'migrate/refused',
        `What "${addon.folder}" builds would change with the move, so nothing of it is changed.`,
        'Move its build.yaml by hand.',
        where,
      ),
    ],
  }
}

/** The add-on is built from the same after the changes: read again, with the files as they would be. */
async function means(before: Addon, changes: readonly Change[], files: Files): Promise<boolean> {
  const { addons } = await readAddons({ targets: [before.folder], changedOnly: false }, overlay(files, changes))
  const [after] = addons
  if (after?.slug !== before.slug || after.image?.value !== before.image?.value) return false
  if (after.architectures.join() !== before.architectures.join()) return false
  return (before.architectures.length > 0 ? before.architectures : architectures).every((architecture) => {
    const [was, is] = [before, after].map((addon) => builtOn(addon, architecture))
    // Who had no base may have one now.
    return was === undefined || was === is
  })
}

function builtOn(addon: Addon, architecture: Architecture): string | undefined {
  const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
  if (!dockerfile) return undefined
  const declared = addon.buildFrom.get(architecture)?.replaceAll('{version}', '1')
  const base = baseOf(
    dockerfile,
    undefined,
    architecture,
    new Map([
      ['BUILD_ARCH', architecture],
      ['BUILD_VERSION', '1'],
      ...(declared === undefined ? [] : [['BUILD_FROM', declared] as const]),
      ...addon.buildArguments,
    ]),
  )
  return 'image' in base ? base.image : undefined
}

const overlay = (files: Files, changes: readonly Change[]): Files => ({
  async read(path, limit) {
    const change = changes.find(({ file }) => file === path)
    if (!change) return files.read(path, limit)
    return change.after === undefined ? { missing: true } : { bytes: Buffer.from(change.after) }
  },
  async list(folder) {
    const entries = await files.list(folder)
    if (entries === undefined || entries === 'outside') return entries
    return entries.filter(
      ({ name }) => !changes.some(({ file, after }) => after === undefined && file === joinPath(folder, name)),
    )
  },
})

/** `image` of build.yaml, and architectures that only its bases name, belong to config.yaml. */
async function moveToConfig(
  addon: Addon,
  files: Files,
  keep: Map<string, ReadonlySet<string> | 'all'>,
  diagnostics: Diagnostic[],
): Promise<Change | undefined> {
  const { config: file, build = '' } = addon.files
  const keys: Record<string, unknown> = {}
  const image = addon.image?.where.file === build ? addon.image : undefined
  if (image && (file === undefined || (addon.configImage && addon.configImage.value !== image.value))) {
    keep.set('image', 'all')
    diagnostics.push(
      warning(
        'migrate/kept',
        file === undefined
          ? `"image" stays in ${baseName(build ?? '')}, because there is no config.yaml.`
          : `"image" stays in ${baseName(build ?? '')}, because ${baseName(file)} has another one.`,
        'Decide which one holds, and write it into config.yaml.',
        image.where,
      ),
    )
  } else if (image && !addon.configImage) keys.image = image.value
  const fromBases = addon.architectures.length > 0 && addon.architecturesWhere?.file === build
  if (fromBases && file !== undefined) keys.arch = [...addon.architectures]
  if (fromBases && file === undefined) {
    keep.set('build_from', 'all')
    diagnostics.push(
      warning(
        'migrate/kept',
        `"build_from" stays in ${baseName(build ?? '')}: nothing else names the architectures, and there is no config.yaml.`,
        'Write a config.yaml with "arch".',
        addon.architecturesWhere,
      ),
    )
  }
  if (file === undefined || Object.keys(keys).length === 0) return undefined
  const before = await raw(file, files)
  return before === undefined ? undefined : { file, before, after: addKeys(before, file, keys) }
}

/** What a Dockerfile can hold. What has line ends stays behind; what is set for every build is left out. */
function movable(
  pairs: Map<string, string>,
  kind: 'args' | 'labels',
  addon: Addon,
  keep: Map<string, ReadonlySet<string> | 'all'>,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, string> {
  const staying = new Set<string>()
  for (const [name, value] of pairs) {
    const where = addon.places.get(`${kind}.${name}`)
    if (kind === 'labels' ? ourLabels.has(name) : everywhere.has(name)) {
      pairs.delete(name)
      if (kind === 'args') {
        diagnostics.push(
          warning(
            'migrate/fixed-argument',
            `${name} is set for every build; "${value}" is left out.`,
            'Check that nothing needs the old value.',
            where,
          ),
        )
      }
    } else if (/[\r\n]/.test(value) || predefined.test(name)) {
      staying.add(name)
      pairs.delete(name)
      diagnostics.push(
        warning(
          'migrate/kept',
          `"${kind}.${name}" stays in ${baseName(addon.files.build ?? '')}: ${predefined.test(name) ? 'it is not for the image' : 'a Dockerfile cannot hold line ends in a value'}.`,
          kind === 'labels' ? 'Make it one line, or use the input "labels".' : 'Use the input "build-args".',
          where,
        ),
      )
    }
  }
  if (staying.size > 0) keep.set(kind, staying)
  return pairs
}

const baseName = (file: string): string => file.split('/').at(-1) ?? file

/** The Dockerfile has the label already, word for word. */
function isSaid(dockerfile: Dockerfile, name: string, value: string): boolean {
  const stage = chainOf(dockerfile.stages, dockerfile.stages.length - 1).find(({ labels }) => labels.has(name))
  const text = stage?.labels.get(name)
  return text !== undefined && expand(text, () => '\0', dockerfile.escape) === value
}

/** The bases of the architectures that a Dockerfile is for; where build.yaml has none, the Dockerfile's own default. */
function basesOf(addon: Addon, key: Architecture | 'default'): ReadonlyMap<Architecture, string> {
  const dockerfile = addon.dockerfiles.get(key)
  if (!dockerfile || addon.buildFrom.size === 0) return new Map()
  const wanted = addon.architectures.length > 0 ? addon.architectures : architectures
  const mine = wanted.filter((one) => (key === 'default' ? !addon.dockerfiles.has(one) : one === key))
  return new Map(
    mine.flatMap((architecture) => {
      const declared = addon.buildFrom.get(architecture)
      if (declared !== undefined) return [[architecture, declared] as const]
      const base = baseOf(dockerfile, undefined, architecture, addon.buildArguments)
      return 'image' in base ? [[architecture, base.image] as const] : []
    }),
  )
}

async function migrateWorkflows(files: Files): Promise<Migration> {
  const folder = '.github/workflows'
  const entries = await files.list(folder)
  if (entries === undefined || entries === 'outside') return { changes: [], diagnostics: [] }
  const changes: Change[] = []
  for (const { name, kind } of entries) {
    if (kind !== 'file' || !/\.ya?ml$/.test(name)) continue
    const file = joinPath(folder, name)
    const before = await raw(file, files)
    const after = before === undefined ? undefined : migrateWorkflow(before, thisAction)
    if (before !== undefined && after !== undefined) changes.push({ file, before, after })
  }
  return { changes, diagnostics: [] }
}

/** The text with its byte order mark and line ends, so that nothing else changes. Undefined where it cannot be read. */
async function raw(file: string, files: Files): Promise<string | undefined> {
  const read = await readText(file, files)
  if (read === undefined || 'diagnostic' in read) return undefined
  const bytes = await files.read(file, read.text.length * 4 + 16)
  const marked = 'bytes' in bytes && bytes.bytes[0] === 0xef && bytes.bytes[1] === 0xbb && bytes.bytes[2] === 0xbf
  return marked ? `\uFEFF${read.text}` : read.text
}
