import {
  type Architecture,
  architectures,
  isArchitecture,
  isDeprecated,
  parseArchitecture,
} from '../../core/architecture.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../../core/diagnostics.ts'
import { quoted, quotedList } from '../../core/parsed.ts'
import { nearest, suggestion } from '../../core/suggest.ts'
import { textBefore } from '../../core/text.ts'
import type { RunConfig, Sourced } from '../addon.ts'
import { parseTree } from '../yaml/parse-tree.ts'
import { notQuoted, optionalText } from '../yaml/scalars.ts'
import { describe, entryOf, isUnquoted, type MapNode, type ScalarNode } from '../yaml/tree.ts'
import { configKeys, oldConfigKeys } from './config-keys.ts'
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
): { readonly config: ConfigFile; readonly diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics: found } = parseTree(text, file)
  const diagnostics = [...found]
  const start: SourceLocation = { file, line: 1, column: 1 }
  const nothing: ConfigFile = { file, architectures: [], run: defaultRun }
  if (!root) {
    if (diagnostics.length === 0)
      diagnostics.push(
        error('config/empty', 'The file is empty.', 'Write at least name, version, slug, description and arch.', start),
      )
    return { config: nothing, diagnostics }
  }
  if (root.kind !== 'map') {
    diagnostics.push(
      error(
        'config/not-a-map',
        `The file is ${describe(root)}, but must have names with values.`,
        'Begin it with "name:".',
        root.where,
      ),
    )
    return { config: nothing, diagnostics }
  }
  checkKeys(root, diagnostics)
  const textOf = (key: string) => optionalText(root, key, 'config/not-a-text', diagnostics)
  const [name, version, slug, description, url, image] = ['name', 'version', 'slug', 'description', 'url', 'image'].map(
    textOf,
  )
  checkRequired(root, start, diagnostics)
  checkVersion(root, diagnostics)
  checkQuotes(root, diagnostics)
  if (!isUnquoted(entryOf(root, 'url')?.node)) checkUrl(url, diagnostics)
  return {
    config: {
      file,
      ...(name && { name }),
      ...(version && { version: { ...version, value: version.value.trim() } }),
      ...(slug && slugIsFine(slug, diagnostics) && { slug }),
      ...(description && { description }),
      ...(url && { url }),
      ...(image && imageIsFine(image, diagnostics) && { image: { ...image, value: image.value.trim() } }),
      ...readArchitectures(root, diagnostics),
      run: readRun(root, diagnostics),
    },
    diagnostics,
  }
}

function checkKeys(root: MapNode, diagnostics: Diagnostic[]): void {
  const known: readonly string[] = [...configKeys, ...oldConfigKeys]
  for (const { key, keyWhere } of root.entries) {
    if (key === 'build') {
      diagnostics.push(
        warning(
          'config/build-block',
          'The Supervisor ignores "build", so nothing in it has an effect.',
          'Move its content to the Dockerfile, or to build.yaml.',
          keyWhere,
        ),
      )
    } else if (!known.includes(key) && !key.startsWith('x-')) {
      const near = nearest(key, configKeys)
      // Two known keys with similar names are not a typo.
      if (near !== undefined && !entryOf(root, near)) {
        diagnostics.push(
          warning(
            'config/unknown-key',
            `Unknown key "${key}"; the Supervisor ignores it.`,
            `Did you mean "${near}"?`,
            keyWhere,
          ),
        )
      } else {
        diagnostics.push(
          notice('config/unknown-key', `Unknown key "${key}"; the Supervisor ignores it.`, 'Remove it.', keyWhere),
        )
      }
    }
  }
}

function checkRequired(root: MapNode, start: SourceLocation, diagnostics: Diagnostic[]): void {
  const missing = ['name', 'version', 'slug', 'description', 'arch'].filter((key) => {
    const node = entryOf(root, key)?.node
    return !node || (node.kind === 'scalar' && node.text.trim() === '')
  })
  if (missing.length === 0) return
  const list = quotedList(missing)
  diagnostics.push(
    warning(
      'config/missing-key',
      `${list} ${missing.length === 1 ? 'is' : 'are'} missing, so the Supervisor rejects the add-on.`,
      `Add ${missing.length === 1 ? 'it' : 'them'}.`,
      entryOf(root, missing[0] ?? '')?.keyWhere ?? start,
    ),
  )
}

/** The Supervisor drops the last zero of an unquoted number: 3.10 becomes 3.1; `yes` becomes True. */
function checkVersion(root: MapNode, diagnostics: Diagnostic[]): void {
  const node = entryOf(root, 'version')?.node
  if (node?.kind !== 'scalar') return
  const there = asPython(node)
  if (there === undefined || there === node.text) return
  diagnostics.push(
    warning(
      'config/version-number',
      `The Supervisor reads this version as ${typeof node.value === 'number' ? `the number ${there}` : there} and looks for an image with that tag.`,
      `Put it in quotes: "${node.text}".`,
      node.where,
    ),
  )
}

/** `str()` of the value; undefined if it is a string, or has more digits than a number has here. */
function asPython({ value, text }: ScalarNode): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined
  return Number.isInteger(value) && text.includes('.') ? value.toFixed(1) : String(value)
}

/** The Supervisor accepts only strings. */
function checkQuotes(root: MapNode, diagnostics: Diagnostic[]): void {
  for (const key of ['name', 'slug', 'description', 'url', 'image']) {
    const node = entryOf(root, key)?.node
    if (isUnquoted(node)) diagnostics.push(notQuoted(`"${key}"`, node))
  }
}

function checkUrl(url: Sourced | undefined, diagnostics: Diagnostic[]): void {
  if (!url || url.value === '' || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]/i.test(url.value)) return
  diagnostics.push(
    warning(
      'config/bad-value',
      `${quoted(url.value)} is not a URL, so the Supervisor rejects the add-on.`,
      'Write the full URL, for example "https://github.com/you/addons".',
      url.where,
    ),
  )
}

const longestHostname = 63

function slugIsFine(slug: Sourced, diagnostics: Diagnostic[]): boolean {
  // Reported with the other missing keys.
  if (slug.value.trim() === '') return false
  // The Supervisor's pattern, without names of hidden files and of the folders `.` and `..`.
  if (!/^[-_A-Za-z0-9][-_.A-Za-z0-9]*$/.test(slug.value)) {
    diagnostics.push(
      error(
        'config/bad-slug',
        `${quoted(slug.value)} is not a valid slug.`,
        'Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
        slug.where,
      ),
    )
    return false
  }
  if (slug.value.length > longestHostname) {
    diagnostics.push(
      warning(
        'config/bad-slug',
        `The slug is the host name of the add-on, which cannot be longer than ${longestHostname} characters. The smoke test uses the first ${longestHostname}.`,
        'Use a shorter slug.',
        slug.where,
      ),
    )
  }
  return true
}

function imageIsFine(image: Sourced, diagnostics: Diagnostic[]): boolean {
  const value = image.value.trim()
  if (value === '') return false
  const tagged = value.lastIndexOf(':') > value.lastIndexOf('/') || value.includes('@')
  if (!tagged) return true
  diagnostics.push(
    error(
      'config/image-with-tag',
      `"${value}" has a tag or a digest, which the Supervisor rejects: it adds the version itself.`,
      `Write "${textBefore(value, '@').replace(/:[^:/]*$/, '')}".`,
      image.where,
    ),
  )
  return false
}

function readArchitectures(
  root: MapNode,
  diagnostics: Diagnostic[],
): Pick<ConfigFile, 'architectures' | 'architecturesWhere'> {
  const entry = entryOf(root, 'arch')
  if (!entry || (entry.node.kind === 'scalar' && entry.node.value === null)) return { architectures: [] }
  const items = entry.node.kind === 'list' ? entry.node.items : [entry.node]
  if (entry.node.kind !== 'list') {
    diagnostics.push(
      warning(
        'config/bad-value',
        `"arch" is ${describe(entry.node)}, but the Supervisor requires a list and rejects the add-on.`,
        'Write "arch: [amd64, aarch64]".',
        entry.node.where,
      ),
    )
  }
  const found = new Set<Architecture>()
  for (const item of items) {
    const text = item.kind === 'scalar' ? item.text : ''
    const architecture = parseArchitecture(text)
    if (!architecture) {
      diagnostics.push(
        error(
          'config/unknown-architecture',
          text === ''
            ? `An entry of "arch" is ${item.kind === 'scalar' ? 'empty' : describe(item)}.`
            : `Architecture ${quoted(text)} is not known.`,
          suggestion(text, architectures),
          item.where,
        ),
      )
      continue
    }
    if (!isArchitecture(text)) {
      diagnostics.push(
        warning(
          'config/odd-architecture',
          `The Supervisor does not know the architecture "${text}" and rejects the add-on. Here, it is read as "${architecture}".`,
          `Write "${architecture}".`,
          item.where,
        ),
      )
    }
    found.add(architecture)
  }
  diagnostics.push(...deprecated(found, entry.keyWhere))
  return { architectures: architectures.filter((one) => found.has(one)), architecturesWhere: entry.keyWhere }
}

/** One line for all of them. */
export function deprecated(
  declared: ReadonlySet<Architecture>,
  where: SourceLocation | undefined,
): readonly Diagnostic[] {
  const old = architectures.filter((one) => declared.has(one) && isDeprecated(one))
  if (old.length === 0) return []
  const [their, they, them] = old.length === 1 ? ['its', 'It is', 'it'] : ['their', 'They are', 'them']
  return [
    warning(
      'config/deprecated-architecture',
      `Home Assistant dropped ${old.join(', ')} in 2025.12; ${their} base images get no updates.`,
      `${they} still built. Remove ${them} when your users no longer need ${them}.`,
      where,
    ),
  ]
}
