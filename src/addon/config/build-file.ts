import { type Architecture, architectures, isArchitecture, parseArchitecture } from '../../core/architecture.ts'
import type { Diagnostic, SourceLocation } from '../../core/diagnostics.ts'
import { Problems } from '../../core/problems.ts'
import { nearest, suggestion } from '../../core/suggest.ts'
import type { Addon, Sourced } from '../addon.ts'
import { parseTree } from '../yaml/parse-tree.ts'
import { optionalText, pairsOf, textOf } from '../yaml/scalars.ts'
import { describe, entryOf, type MapNode, type Node } from '../yaml/tree.ts'
import { architectureInName, checkBaseImage } from './base-image.ts'

export interface BuildFile {
  readonly file: string
  /** `build_from` as a string: for every architecture. */
  readonly everyBase?: Sourced
  readonly bases: ReadonlyMap<Architecture, Sourced>
  readonly basesWhere?: SourceLocation
  readonly args: ReadonlyMap<string, Sourced>
  readonly labels: ReadonlyMap<string, Sourced>
  readonly image?: Sourced
  readonly cosign?: NonNullable<Addon['cosign']>
}

const keys = ['build_from', 'args', 'labels', 'squash', 'image', 'shadow_repository', 'cosign', 'codenotary'] as const
const cosignKeys = ['base_identity', 'identity', 'base_issuer', 'issuer'] as const

/**
 * Reads build.yaml, build.yml or build.json: every key of the Supervisor and of the retired builder.
 * A value that only the Supervisor rejects is a warning, because the builder accepted it. A value that cannot build is an error.
 * @param versionFrom the tag for a base that ends with a colon, by the retired builder's `--version-from`.
 */
export function readBuildFile(
  text: string,
  file: string,
  versionFrom?: string,
): { readonly build: BuildFile; readonly diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics: found } = parseTree(text, file)
  const problems = new Problems()
  problems.add(...found)
  const nothing: BuildFile = { file, bases: new Map(), args: new Map(), labels: new Map() }
  if (!root) return { build: nothing, diagnostics: problems.list }
  if (root.kind !== 'map') {
    const problem = `The file is ${describe(root)}, but must have names with values.`
    problems.error('build-yaml/not-a-map', problem, 'Begin it with "build_from:".', root.where)
    return { build: nothing, diagnostics: problems.list }
  }
  checkKeys(root, problems)
  const from = entryOf(root, 'build_from')
  const [args, labels, cosign] = ['args', 'labels', 'cosign'].map((key) => entryOf(root, key)?.node)
  const image = optionalText(root, 'image', 'build-yaml/not-a-text', problems)
  return {
    build: {
      file,
      ...(from ? readBases(from.node, from.keyWhere, versionFrom, problems) : { bases: new Map() }),
      args: args ? readArgs(args, problems) : new Map(),
      labels: labels ? readLabels(labels, problems) : new Map(),
      ...(image && image.value !== '' && { image }),
      ...(cosign && { cosign: readCosign(cosign, problems) }),
    },
    diagnostics: problems.list,
  }
}

function checkKeys(root: MapNode, problems: Problems): void {
  for (const { key, keyWhere, node } of root.entries) {
    if (key === 'codenotary') {
      const problem = '"codenotary" no longer has an effect: the service was shut down.'
      problems.notice('build-yaml/dead-key', problem, 'Remove it; use the input "sign" instead.', keyWhere)
    } else if (key === 'squash') {
      const wanted = node.kind === 'scalar' && node.value === true
      const problem = '"squash" no longer has an effect.'
      const remedy = wanted ? 'Use a multi-stage Dockerfile to keep layers small.' : 'Remove it.'
      problems[wanted ? 'warning' : 'notice']('build-yaml/dead-key', problem, remedy, keyWhere)
    } else if (key === 'shadow_repository') {
      const problem = '"shadow_repository" is not supported: images go to one registry.'
      problems.warning('build-yaml/dead-key', problem, 'Copy them with "docker buildx imagetools create".', keyWhere)
    } else if (['build_from', 'args', 'labels'].includes(key) && node.kind === 'scalar' && node.value === null) {
      problems.warning(
        'build-yaml/empty-key',
        `"${key}" is empty, so the Supervisor ignores the whole file.`,
        'Remove the line, or indent the lines that belong to it.',
        keyWhere,
      )
    } else if (!(keys as readonly string[]).includes(key) && !key.startsWith('x-')) {
      const near = nearest(key, keys)
      const other = parseArchitecture(key) ? 'Indent it below "build_from:".' : 'Remove it.'
      const remedy = near === undefined ? other : `Did you mean "${near}"?`
      problems.warning('build-yaml/unknown-key', `Unknown key "${key}"; ignored.`, remedy, keyWhere)
    }
  }
}

function readBases(
  node: Node,
  basesWhere: SourceLocation,
  versionFrom: string | undefined,
  problems: Problems,
): Pick<BuildFile, 'everyBase' | 'bases' | 'basesWhere'> {
  const bases = new Map<Architecture, Sourced>()
  const tagged = (text: string): string =>
    text.trim().replace(/:$/, versionFrom === undefined ? ':' : `:${versionFrom}`)
  if (node.kind === 'scalar' && node.value === null) return { bases, basesWhere }
  if (node.kind === 'scalar') {
    const base: Sourced = { value: tagged(node.text), where: node.where }
    return checkBase(base, node.text, undefined, problems)
      ? { everyBase: base, bases, basesWhere }
      : { bases, basesWhere }
  }
  if (node.kind === 'list') {
    const problem = '"build_from" is a list, but must be one image, or one for each architecture.'
    problems.error('build-yaml/not-a-map', problem, 'Write "amd64: IMAGE" without the dash.', node.where)
    return { bases, basesWhere }
  }
  const own = new Set(node.entries.map(({ key }) => key).filter(isArchitecture))
  for (const { key, keyWhere, node: child } of node.entries) {
    const architecture = parseArchitecture(key)
    if (!architecture) {
      const problem = `Architecture "${key}" is not known.`
      problems.error('build-yaml/unknown-architecture', problem, suggestion(key, architectures), keyWhere)
      continue
    }
    if (key !== architecture) {
      const twice = own.has(architecture)
      problems.warning(
        'build-yaml/odd-architecture',
        `The Supervisor does not know the architecture "${key}" and ignores the whole file. Here, ${twice ? `"${architecture}" is used instead` : `it is read as "${architecture}"`}.`,
        twice ? 'Remove the line.' : `Write "${architecture}".`,
        keyWhere,
      )
      if (twice) continue
    }
    const text = textOf(child, `"build_from.${key}"`, 'build-yaml/not-a-text', problems)
    const base = text && { value: tagged(text.value), where: text.where }
    if (base && checkBase(base, text.value, architecture, problems)) bases.set(architecture, base)
  }
  return { bases, basesWhere }
}

/** @param written the text with the spaces around it. */
function checkBase(
  base: Sourced,
  written: string,
  architecture: Architecture | undefined,
  problems: Problems,
): boolean {
  const problem = checkBaseImage(base.value)
  if (problem) problems.add({ ...problem, where: base.where })
  else if (written !== written.trim()) {
    const message = `There is a space before or after "${base.value}", so the Supervisor ignores the whole file.`
    problems.warning('build-yaml/supervisor-rejects', message, 'Remove it.', base.where)
  }
  const named = architectureInName(base.value)
  if (!problem && architecture && named && named !== architecture) {
    problems.warning(
      'build-yaml/other-architecture',
      `The base image of ${architecture} is "${base.value}", which looks like an image for ${named}.`,
      `Check that the image is for ${architecture}.`,
      base.where,
    )
  }
  return problem?.severity !== 'error'
}

function readArgs(node: Node, problems: Problems): ReadonlyMap<string, Sourced> {
  const pairs = new Map(pairsOf(node, 'args', 'build-yaml', problems))
  for (const [name, { keyWhere }] of pairs) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
    problems.error(
      'build-yaml/bad-argument',
      `"${name}" is not a valid name of a build argument.`,
      'Use letters, digits and "_", and do not begin with a digit.',
      keyWhere,
    )
    pairs.delete(name)
  }
  return pairs
}

function readLabels(node: Node, problems: Problems): ReadonlyMap<string, Sourced> {
  const pairs = new Map(pairsOf(node, 'labels', 'build-yaml', problems))
  for (const [name, { value, where, keyWhere }] of pairs) {
    if (name === '' || /^-|[\s=\p{Cc}]/u.test(name)) {
      problems.error(
        'build-yaml/bad-label',
        `"${name}" is not a valid name of a label.`,
        'Do not use spaces or "=", and do not begin with a dash.',
        keyWhere,
      )
      pairs.delete(name)
    } else if (/\{(arch|version)\}/.test(value)) {
      problems.notice(
        'build-yaml/filled-label',
        `The placeholder in label "${name}" is replaced here; the retired builder published it unchanged.`,
        'No action is needed.',
        where,
      )
    }
  }
  return pairs
}

function readCosign(node: Node, problems: Problems): NonNullable<Addon['cosign']> {
  const pairs = pairsOf(node, 'cosign', 'build-yaml', problems)
  for (const [key, { keyWhere }] of pairs) {
    if ((cosignKeys as readonly string[]).includes(key)) continue
    const problem = `Unknown key "cosign.${key}"; ignored.`
    problems.warning('build-yaml/unknown-key', problem, suggestion(key, cosignKeys), keyWhere)
  }
  const field = (key: string): string | undefined => pairs.get(key)?.value || undefined
  const [baseIdentity, identity, baseIssuer, issuer] = cosignKeys.map(field)
  return {
    ...(baseIdentity !== undefined && { baseIdentity }),
    ...(identity !== undefined && { identity }),
    ...(baseIssuer !== undefined && { baseIssuer }),
    ...(issuer !== undefined && { issuer }),
  }
}
