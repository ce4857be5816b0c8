import { join } from 'node:path'
import { workspaceFiles } from '../addon/files.ts'
import { readText } from '../addon/yaml/text.ts'
import { readIgnoreRules } from '../context/context.ts'
import { type MeasureContextOf, openContexts } from '../context/open.ts'
import { type Diagnostic, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { copiedSources } from '../dockerfile/copied-sources.ts'
import { type DockerfileModel, readModel } from '../dockerfile/model.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { ImageNotes } from '../image/notes.ts'
import type { BlobSource } from '../image/sources/source.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { linesOfLayers } from '../size/dockerfile-lines.ts'
import { type AuditInput, auditTarget } from './audit.ts'
import type { Finding } from './finding.ts'
import { fromBuildKit } from './foreign.ts'
import { askHadolint } from './hadolint.ts'
import { readImageConfig } from './image-config.ts'
import type { ContextFacts, ImageSubject } from './rule.ts'
import { copiedBy, findScripts } from './scripts.ts'

/** What is known once an image is built and measured. */
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
 * Several architectures share Dockerfile and context: each is read once.
 * @param contextOf where contexts are measured for other readers, too.
 */
export function openAudit(
  options: Pick<Options, 'auditIgnore'>,
  host: AuditHost,
  contextOf: MeasureContextOf = openContexts(host),
): Audit {
  const once = remember()
  return async (target, { image, warnings = [] } = {}) => {
    const input = await readAuditInput(target, host, contextOf, image, once)
    const foreign = [...fromBuildKit(warnings), ...(input.foreign ?? [])]
    return auditTarget({ ...input, foreign, ignore: options.auditIgnore })
  }
}

type Once = <T>(key: string, make: () => Promise<T>) => Promise<T>

function remember(): Once {
  const known = new Map<string, Promise<unknown>>()
  return <T>(key: string, make: () => Promise<T>): Promise<T> => {
    const made = known.get(key) ?? make()
    known.set(key, made)
    return made as Promise<T>
  }
}

/** Collects what touches the file system and other programs. What cannot be read is absent, and its rules have nothing to say. */
async function readAuditInput(
  target: Target,
  host: AuditHost,
  contextOf: MeasureContextOf = openContexts(host),
  image?: BuiltImage,
  once: Once = (_, make) => make(),
): Promise<AuditInput> {
  const text = await once(`text ${target.dockerfile}`, () => dockerfileText(target.dockerfile, host))
  const dockerfile = text === undefined ? undefined : readModel(text, target.dockerfile, target)
  const [context, foreign, subject] = await Promise.all([
    once(`context ${target.context} ${target.dockerfile}`, () => readContext(target, dockerfile, contextOf, host)),
    text === undefined
      ? []
      : once(`hadolint ${target.dockerfile}`, () => askHadolint(text, target.dockerfile, host.processes)),
    image && imageSubject(target, image, dockerfile),
  ])
  return {
    target,
    ...(dockerfile && { dockerfile }),
    ...(context && { context }),
    ...(subject && { image: subject }),
    foreign,
  }
}

async function dockerfileText(file: string, { workspace }: AuditHost): Promise<string | undefined> {
  const found = await readText(file, workspaceFiles(workspace))
  return found && 'text' in found ? found.text : undefined
}

async function readContext(
  target: Target,
  dockerfile: DockerfileModel | undefined,
  contextOf: MeasureContextOf,
  { workspace }: AuditHost,
): Promise<ContextFacts | undefined> {
  const folder = join(workspace, target.context)
  const [measure, scripts, ignored] = await Promise.all([
    contextOf(target),
    findScripts(folder),
    // What is wrong with it is said where the context is measured.
    readIgnoreRules(folder, join(workspace, target.dockerfile), workspace).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown
      return undefined
    }),
  ])
  const copied = copiedSources(dockerfile)
  // A variable that only BuildKit can fill in may stand for any of them.
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

async function imageSubject(
  { platform }: Target,
  { source, measure, notes }: BuiltImage,
  dockerfile: DockerfileModel | undefined,
): Promise<ImageSubject> {
  const config = await readImageConfig(source, platform)
  const lines = dockerfile ? linesOfLayers(measure, dockerfile) : []
  return { config, measure, notes, firstOwn: firstOwnLayer(measure, lines), lines }
}

/** Where the base is not known, the first layer that the Dockerfile accounts for. */
export function firstOwnLayer({ base, layers }: ImageMeasure, lines: readonly (number | undefined)[]): number {
  if (base) return base.layers
  const first = lines.findIndex((line) => line !== undefined)
  return first < 0 ? layers.length : first
}
