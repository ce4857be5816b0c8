import { type Architecture, architectures, isArchitecture, parseArchitecture } from '../../core/architecture.ts'
import { type Diagnostic, error, notice, type SourceLocation, warning } from '../../core/diagnostics.ts'
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
  const diagnostics = [...found]
  const nothing: BuildFile = { file, bases: new Map(), args: new Map(), labels: new Map() }
  if (!root) return { build: nothing, diagnostics }
  if (root.kind !== 'map') {
    diagnostics.push(
      error(
        'build-yaml/not-a-map',
        `The file is ${describe(root)}, but must have names with values.`,
        'Begin it with "build_from:".',
        root.where,
      ),
    )
    return { build: nothing, diagnostics }
  }
  checkKeys(root, diagnostics)
  const get = (key: string): Node | undefined => root.entries.find((entry) => entry.key === key)?.node
  const from = entryOf(root, 'build_from')
  const args = get('args')
  const labels = get('labels')
  const image = optionalText(root, 'image', 'build-yaml/not-a-text', diagnostics)
  const cosign = get('cosign')
  return {
    build: {
      file,
      ...(from ? readBases(from.node, from.keyWhere, versionFrom, diagnostics) : { bases: new Map() }),
      args: args ? readArgs(args, diagnostics) : new Map(),
      labels: labels ? readLabels(labels, diagnostics) : new Map(),
      ...(image && image.value !== '' && { image }),
      ...(cosign && { cosign: readCosign(cosign, diagnostics) }),
    },
    diagnostics,
  }
}

function checkKeys(root: MapNode, diagnostics: Diagnostic[]): void {
  for (const { key, keyWhere, node } of root.entries) {
    if (key === 'codenotary') {
      diagnostics.push(
        notice(
          'build-yaml/dead-key',
          '"codenotary" no longer has an effect: the service was shut down.',
          'Remove it; use the input "sign" instead.',
          keyWhere,
        ),
      )
    } else if (key === 'squash') {
      const wanted = node.kind === 'scalar' && node.value === true
      diagnostics.push(
        (wanted ? warning : notice)(
          'build-yaml/dead-key',
          '"squash" no longer has an effect.',
          wanted ? 'Use a multi-stage Dockerfile to keep layers small.' : 'Remove it.',
          keyWhere,
        ),
      )
    } else if (key === 'shadow_repository') {
      diagnostics.push(
        warning(
          'build-yaml/dead-key',
          '"shadow_repository" is not supported: images go to one registry.',
          'Copy them with "docker buildx imagetools create".',
          keyWhere,
        ),
      )
    } else if (['build_from', 'args', 'labels'].includes(key) && node.kind === 'scalar' && node.value === null) {
      diagnostics.push(
        warning(
          'build-yaml/empty-key',
          `"${key}" is empty, so the Supervisor ignores the whole file.`,
          'Remove the line, or indent the lines that belong to it.',
          keyWhere,
        ),
      )
    } else if (!(keys as readonly string[]).includes(key) && !key.startsWith('x-')) {
      const near = nearest(key, keys)
      const base = near === undefined && parseArchitecture(key) ? `Indent it below "build_from:".` : undefined
      diagnostics.push(
        warning(
          'build-yaml/unknown-key',
          `Unknown key "${key}"; ignored.`,
          near === undefined ? (base ?? 'Remove it.') : `Did you mean "${near}"?`,
          keyWhere,
        ),
      )
    }
  }
}

function readBases(
  node: Node,
  basesWhere: SourceLocation,
  versionFrom: string | undefined,
  diagnostics: Diagnostic[],
): Pick<BuildFile, 'everyBase' | 'bases' | 'basesWhere'> {
  const bases = new Map<Architecture, Sourced>()
  const tagged = (text: string): string =>
    text.trim().replace(/:$/, versionFrom === undefined ? ':' : `:${versionFrom}`)
  if (node.kind === 'scalar' && node.value === null) return { bases, basesWhere }
  if (node.kind === 'scalar') {
    const base: Sourced = { value: tagged(node.text), where: node.where }
    return checkBase(base, node.text, undefined, diagnostics)
      ? { everyBase: base, bases, basesWhere }
      : { bases, basesWhere }
  }
  if (node.kind === 'list') {
    diagnostics.push(
      error(
        'build-yaml/not-a-map',
        '"build_from" is a list, but must be one image, or one for each architecture.',
        'Write "amd64: IMAGE" without the dash.',
        node.where,
      ),
    )
    return { bases, basesWhere }
  }
  const own = new Set(node.entries.map(({ key }) => key).filter(isArchitecture))
  for (const { key, keyWhere, node: child } of node.entries) {
    const architecture = parseArchitecture(key)
    if (!architecture) {
      diagnostics.push(
        error(
          'build-yaml/unknown-architecture',
          `Architecture "${key}" is not known.`,
          suggestion(key, architectures),
          keyWhere,
        ),
      )
      continue
    }
    if (key !== architecture) {
      const twice = own.has(architecture)
      diagnostics.push(
        warning(
          'build-yaml/odd-architecture',
          `The Supervisor does not know the architecture "${key}" and ignores the whole file. ${twice ? `Here, "${architecture}" is used instead` : `Here, it is read as "${architecture}"`}.`,
          twice ? 'Remove the line.' : `Write "${architecture}".`,
          keyWhere,
        ),
      )
      if (twice) continue
    }
    const text = textOf(child, `"build_from.${key}"`, 'build-yaml/not-a-text', diagnostics)
    const base = text && { value: tagged(text.value), where: text.where }
    if (base && checkBase(base, text.value, architecture, diagnostics)) bases.set(architecture, base)
  }
  return { bases, basesWhere }
}

/** @param written the text with the spaces around it. */
function checkBase(
  base: Sourced,
  written: string,
  architecture: Architecture | undefined,
  diagnostics: Diagnostic[],
): boolean {
  const problem = checkBaseImage(base.value)
  if (problem) diagnostics.push({ ...problem, where: base.where })
  else if (written !== written.trim()) {
    diagnostics.push(
      warning(
        'build-yaml/supervisor-rejects',
        `There is a space before or after "${base.value}", so the Supervisor ignores the whole file.`,
        'Remove it.',
        base.where,
      ),
    )
  }
  const named = architectureInName(base.value)
  if (!problem && architecture && named && named !== architecture) {
    diagnostics.push(
      warning(
        'build-yaml/other-architecture',
        `The base image of ${architecture} is "${base.value}", which looks like an image for ${named}.`,
        `Check that the image is for ${architecture}.`,
        base.where,
      ),
    )
  }
  return problem?.severity !== 'error'
}

function readArgs(node: Node, diagnostics: Diagnostic[]): ReadonlyMap<string, Sourced> {
  const pairs = new Map(pairsOf(node, 'args', 'build-yaml', diagnostics))
  for (const [name, { keyWhere }] of pairs) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
    diagnostics.push(
      error(
        'build-yaml/bad-argument',
        `"${name}" is not a valid name of a build argument.`,
        'Use letters, digits and "_", and do not begin with a digit.',
        keyWhere,
      ),
    )
    pairs.delete(name)
  }
  return pairs
}

function readLabels(node: Node, diagnostics: Diagnostic[]): ReadonlyMap<string, Sourced> {
  const pairs = new Map(pairsOf(node, 'labels', 'build-yaml', diagnostics))
  for (const [name, { value, where, keyWhere }] of pairs) {
    if (name === '' || /^-|[\s=\p{Cc}]/u.test(name)) {
      diagnostics.push(
        error(
          'build-yaml/bad-label',
          `"${name}" is not a valid name of a label.`,
          'Do not use spaces or "=", and do not begin with a dash.',
          keyWhere,
        ),
      )
      pairs.delete(name)
    } else if (/\{(arch|version)\}/.test(value)) {
      diagnostics.push(
        notice(
          'build-yaml/filled-label',
          `The placeholder in label "${name}" is replaced here; the retired builder published it unchanged.`,
          'No action is needed.',
          where,
        ),
      )
    }
  }
  return pairs
}

function readCosign(node: Node, diagnostics: Diagnostic[]): NonNullable<Addon['cosign']> {
  const pairs = pairsOf(node, 'cosign', 'build-yaml', diagnostics)
  for (const [key, { keyWhere }] of pairs) {
    if ((cosignKeys as readonly string[]).includes(key)) continue
    diagnostics.push(
      warning('build-yaml/unknown-key', `Unknown key "cosign.${key}"; ignored.`, suggestion(key, cosignKeys), keyWhere),
    )
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
