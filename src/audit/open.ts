import { join } from 'node:path'
import { workspaceFiles } from '../addon/files.ts'
import { readText } from '../addon/yaml/text.ts'
import { readIgnoreRules } from '../context/context.ts'
import { type MeasureContextOf, openContexts } from '../context/open.ts'
import { type Diagnostic, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { copiedSources } from '../dockerfile/dockerfile.ts'
import { type ResolvedDockerfile, readResolvedDockerfile } from '../dockerfile/resolve.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { ImageNotes } from '../image/notes.ts'
import type { BlobSource } from '../image/sources/source.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { linesOfLayers } from '../size/dockerfile-lines.ts'
import { auditTarget } from './audit.ts'
import type { Finding } from './finding.ts'
import { runHadolint } from './hadolint.ts'
import { readImageConfig } from './image-config.ts'
import { buildKitFindings } from './other-tools.ts'
import type { AuditedContext, AuditedImage } from './rule.ts'
import { copiedBy, findScripts } from './scripts.ts'

/** An image that was built and measured. */
interface BuiltImage {
  readonly source: BlobSource
  readonly measure: ImageMeasure
  readonly notes: ImageNotes
}

/** Audits one target; without an image, by Dockerfile and context alone. */
type Audit = (
  target: Target,
  built?: { readonly image?: BuiltImage; readonly warnings?: readonly Diagnostic[] },
) => Promise<readonly Finding[]>

type AuditHost = Pick<Host, 'workspace' | 'processes' | 'signal' | 'log'>

/**
 * Opens an audit for several targets. Architectures that share Dockerfile and context share the work.
 * @param contextOf measures contexts; shared with others that need them.
 */
export function openAudit(
  options: Pick<Options, 'auditIgnore'>,
  host: AuditHost,
  contextOf: MeasureContextOf = openContexts(host),
): Audit {
  const auditedContextOf = memoize<AuditedContext | undefined>()
  const hadolintOf = memoize<readonly Finding[]>()
  return async (target, { image, warnings = [] } = {}) => {
    const found = await readText(target.dockerfile, workspaceFiles(host.workspace))
    const text = found && 'text' in found ? found.text : undefined
    const dockerfile = text === undefined ? undefined : readResolvedDockerfile(text, target.dockerfile, target)
    // A part that cannot be read is absent: its rules report nothing.
    const [context, hadolint, audited] = await Promise.all([
      auditedContextOf(`${target.context} ${target.dockerfile}`, () =>
        readContext(target, dockerfile, contextOf, host),
      ),
      text === undefined
        ? []
        : hadolintOf(target.dockerfile, () => runHadolint(text, target.dockerfile, host.processes)),
      image && auditedImage(target, image, dockerfile),
    ])
    return auditTarget({
      target,
      ...(dockerfile && { dockerfile }),
      ...(context && { context }),
      ...(audited && { image: audited }),
      foreign: [...buildKitFindings(warnings), ...hadolint],
      ignore: options.auditIgnore,
    })
  }
}

/** Makes the value of each key once. */
function memoize<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key, make) => {
    const created = known.get(key) ?? make()
    known.set(key, created)
    return created
  }
}

async function readContext(
  target: Target,
  dockerfile: ResolvedDockerfile | undefined,
  contextOf: MeasureContextOf,
  { workspace }: AuditHost,
): Promise<AuditedContext | undefined> {
  const folder = join(workspace, target.context)
  const [measure, scripts, ignored] = await Promise.all([
    contextOf(target),
    findScripts(folder),
    // Its errors are reported when the context is measured.
    readIgnoreRules(folder, join(workspace, target.dockerfile), workspace).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown
      return undefined
    }),
  ])
  const copied = copiedSources(dockerfile)
  // A variable that only BuildKit can fill in may have any value.
  const isCopied = copiedBy(copied.map((source) => dockerfile?.value(source) ?? '.'))
  if (!measure) return undefined
  try {
    return { measure, scripts: scripts.filter(({ path }) => !ignored?.ignores(path) && isCopied(path)) }
  } catch (thrown) {
    // Patterns that take too many comparisons: reported with the measure of the context.
    if (!(thrown instanceof Failure)) throw thrown
    return { measure, scripts: [] }
  }
}

async function auditedImage(
  { platform }: Target,
  { source, measure, notes }: BuiltImage,
  dockerfile: ResolvedDockerfile | undefined,
): Promise<AuditedImage> {
  const config = await readImageConfig(source, platform)
  const lines = linesOfLayers(measure, dockerfile)
  return { config, measure, notes, firstOwn: firstOwnLayer(measure, lines), lines }
}

/** The first layer after those of the base image; if the base image is not known, the first one that matches an instruction. */
export function firstOwnLayer({ base, layers }: ImageMeasure, lines: readonly (number | undefined)[]): number {
  if (base) return base.layers
  const first = lines.findIndex((line) => line !== undefined)
  return first < 0 ? layers.length : first
}
