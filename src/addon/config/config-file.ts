import {
  type Architecture,
  architectures,
  isArchitecture,
  isDeprecated,
  parseArchitecture,
} from '../../core/architecture.ts'
import type { Diagnostic, SourceLocation } from '../../core/diagnostics.ts'
import { quoted, quotedList } from '../../core/parsed.ts'
import { Problems } from '../../core/problems.ts'
import { nearest, suggestion } from '../../core/suggest.ts'
import { textBefore } from '../../core/text.ts'
import type { RunConfig, Sourced } from '../addon.ts'
import { parseTree } from '../yaml/parse-tree.ts'
import { notQuoted, optionalText } from '../yaml/scalars.ts'
import { describe, entryOf, isUnquoted, type MapNode, type ScalarNode } from '../yaml/tree.ts'
import { configKeys, oldConfigKeys } from './config-keys.ts'
import { lintConfig } from './lint.ts'
import { defaultRun, readRun } from './run-config.ts'

export interface ConfigFile {
  readonly file: string
  readonly name?: Sourced
  readonly version?: Sourced
  readonly slug?: Sourced
  readonly description?: Sourced
  readonly url?: Sourced
  readonly image?: Sourced
  readonly architectures: readonly Architecture[]
  readonly architecturesWhere?: SourceLocation
  readonly run: RunConfig
}

/** Reads config.yaml, config.yml or config.json. A value that only the Supervisor rejects is a warning. */
export function readConfigFile(
  text: string,
  file: string,
): {
  readonly config: ConfigFile
  readonly diagnostics: readonly Diagnostic[]
  /** What is superfluous, contradictory or outdated, though it has an effect or does no harm. */
  readonly advice: readonly Diagnostic[]
} {
  const { root, diagnostics: found } = parseTree(text, file)
  const problems = new Problems()
  problems.add(...found)
  const start: SourceLocation = { file, line: 1, column: 1 }
  const nothing: ConfigFile = { file, architectures: [], run: defaultRun }
  if (!root) {
    const remedy = 'Write at least name, version, slug, description and arch.'
    if (found.length === 0) problems.error('config/empty', 'The file is empty.', remedy, start)
    return { config: nothing, diagnostics: problems.list, advice: [] }
  }
  if (root.kind !== 'map') {
    const problem = `The file is ${describe(root)}, but must have names with values.`
    problems.error('config/not-a-map', problem, 'Begin it with "name:".', root.where)
    return { config: nothing, diagnostics: problems.list, advice: [] }
  }
  checkKeys(root, problems)
  const textOf = (key: string) => optionalText(root, key, 'config/not-a-text', problems)
  const [name, version, slug, description, url, image] = ['name', 'version', 'slug', 'description', 'url', 'image'].map(
    textOf,
  )
  checkRequired(root, start, problems)
  checkVersion(root, problems)
  checkQuotes(root, problems)
  if (!isUnquoted(entryOf(root, 'url')?.node)) checkUrl(url, problems)
  return {
    config: {
      file,
      ...(name && { name }),
      ...(version && { version: { ...version, value: version.value.trim() } }),
      ...(slug && slugIsFine(slug, problems) && { slug }),
      ...(description && { description }),
      ...(url && { url }),
      ...(image && imageIsFine(image, problems) && { image: { ...image, value: image.value.trim() } }),
      ...readArchitectures(root, problems),
      run: readRun(root, problems),
    },
    diagnostics: problems.list,
    advice: lintConfig(root),
  }
}

function checkKeys(root: MapNode, problems: Problems): void {
  const known: readonly string[] = [...configKeys, ...oldConfigKeys]
  for (const { key, keyWhere } of root.entries) {
    if (key === 'build') {
      problems.warning(
        'config/build-block',
        'The Supervisor ignores "build", so nothing in it has an effect.',
        'Move its content to the Dockerfile, or to build.yaml.',
        keyWhere,
      )
    } else if (!known.includes(key) && !key.startsWith('x-')) {
      const problem = `Unknown key "${key}"; the Supervisor ignores it.`
      const near = nearest(key, configKeys)
      // Two known keys with similar names are not a typo.
      if (near === undefined || entryOf(root, near))
        problems.notice('config/unknown-key', problem, 'Remove it.', keyWhere)
      else problems.warning('config/unknown-key', problem, `Did you mean "${near}"?`, keyWhere)
    }
  }
}

function checkRequired(root: MapNode, start: SourceLocation, problems: Problems): void {
  const missing = ['name', 'version', 'slug', 'description', 'arch'].filter((key) => {
    const node = entryOf(root, key)?.node
    return !node || (node.kind === 'scalar' && node.text.trim() === '')
  })
  const [first] = missing
  if (first === undefined) return
  const [are, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them']
  const problem = `${quotedList(missing)} ${are} missing, so the Supervisor rejects the add-on.`
  problems.warning('config/missing-key', problem, `Add ${them}.`, entryOf(root, first)?.keyWhere ?? start)
}

/** The Supervisor drops the last zero of an unquoted number: 3.10 becomes 3.1; `yes` becomes True. */
function checkVersion(root: MapNode, problems: Problems): void {
  const node = entryOf(root, 'version')?.node
  if (node?.kind !== 'scalar') return
  const there = asPython(node)
  if (there === undefined || there === node.text) return
  problems.warning(
    'config/version-number',
    `The Supervisor reads this version as ${typeof node.value === 'number' ? `the number ${there}` : there} and looks for an image with that tag.`,
    `Put it in quotes: "${node.text}".`,
    node.where,
  )
}

/** `str()` of the value; undefined if it is a string, or has more digits than a number has here. */
function asPython({ value, text }: ScalarNode): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined
  return Number.isInteger(value) && text.includes('.') ? value.toFixed(1) : String(value)
}

/** The Supervisor accepts only strings. */
function checkQuotes(root: MapNode, problems: Problems): void {
  for (const key of ['name', 'slug', 'description', 'url', 'image']) {
    const node = entryOf(root, key)?.node
    if (isUnquoted(node)) problems.add(notQuoted(`"${key}"`, node))
  }
}

function checkUrl(url: Sourced | undefined, problems: Problems): void {
  if (!url || url.value === '' || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]/i.test(url.value)) return
  problems.warning(
    'config/bad-value',
    `${quoted(url.value)} is not a URL, so the Supervisor rejects the add-on.`,
    'Write the full URL, for example "https://github.com/you/addons".',
    url.where,
  )
}

const longestHostname = 63

function slugIsFine(slug: Sourced, problems: Problems): boolean {
  // Reported with the other missing keys.
  if (slug.value.trim() === '') return false
  // The Supervisor's pattern, without names of hidden files and of the folders `.` and `..`.
  if (!/^[-_A-Za-z0-9][-_.A-Za-z0-9]*$/.test(slug.value)) {
    problems.error(
      'config/bad-slug',
      `${quoted(slug.value)} is not a valid slug.`,
      'Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
      slug.where,
    )
    return false
  }
  if (slug.value.length > longestHostname) {
    problems.warning(
      'config/bad-slug',
      `The slug is the host name of the add-on, which cannot be longer than ${longestHostname} characters. The smoke test uses the first ${longestHostname}.`,
      'Use a shorter slug.',
      slug.where,
    )
  }
  return true
}

function imageIsFine(image: Sourced, problems: Problems): boolean {
  const value = image.value.trim()
  if (value === '') return false
  if (value.lastIndexOf(':') <= value.lastIndexOf('/') && !value.includes('@')) return true
  problems.error(
    'config/image-with-tag',
    `"${value}" has a tag or a digest, which the Supervisor rejects: it adds the version itself.`,
    `Write "${textBefore(value, '@').replace(/:[^:/]*$/, '')}".`,
    image.where,
  )
  return false
}

function readArchitectures(
  root: MapNode,
  problems: Problems,
): Pick<ConfigFile, 'architectures' | 'architecturesWhere'> {
  const entry = entryOf(root, 'arch')
  if (!entry || (entry.node.kind === 'scalar' && entry.node.value === null)) return { architectures: [] }
  const items = entry.node.kind === 'list' ? entry.node.items : [entry.node]
  if (entry.node.kind !== 'list') {
    problems.warning(
      'config/bad-value',
      `"arch" is ${describe(entry.node)}, but the Supervisor requires a list and rejects the add-on.`,
      'Write "arch: [amd64, aarch64]".',
      entry.node.where,
    )
  }
  const found = new Set<Architecture>()
  for (const item of items) {
    const text = item.kind === 'scalar' ? item.text : ''
    const architecture = parseArchitecture(text)
    if (!architecture) {
      problems.error(
        'config/unknown-architecture',
        text === ''
          ? `An entry of "arch" is ${item.kind === 'scalar' ? 'empty' : describe(item)}.`
          : `Architecture ${quoted(text)} is not known.`,
        suggestion(text, architectures),
        item.where,
      )
      continue
    }
    if (!isArchitecture(text)) {
      problems.warning(
        'config/odd-architecture',
        `The Supervisor does not know the architecture "${text}" and rejects the add-on. Here, it is read as "${architecture}".`,
        `Write "${architecture}".`,
        item.where,
      )
    }
    found.add(architecture)
  }
  checkDeprecated(found, entry.keyWhere, problems)
  return { architectures: architectures.filter((one) => found.has(one)), architecturesWhere: entry.keyWhere }
}

/** One line for all of them. */
export function checkDeprecated(
  declared: ReadonlySet<Architecture>,
  where: SourceLocation | undefined,
  problems: Problems,
): void {
  const old = architectures.filter((one) => declared.has(one) && isDeprecated(one))
  if (old.length === 0) return
  const [their, they, them] = old.length === 1 ? ['its', 'It is', 'it'] : ['their', 'They are', 'them']
  problems.warning(
    'config/deprecated-architecture',
    `Home Assistant dropped ${old.join(', ')} in 2025.12; ${their} base images get no updates.`,
    `${they} still built. Remove ${them} when your users no longer need ${them}.`,
    where,
  )
}
