import type { ContextMeasure } from '../context/context-measure.ts'
import type { Severity, SourceLocation } from '../core/diagnostics.ts'
import type { DockerfileModel, Step } from '../dockerfile/model.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { ImageNotes } from '../image/notes.ts'
import type { Target } from '../plan/plan.ts'
import type { ImageConfigFacts } from './image-config.ts'

/** A script of the build context. */
export interface ContextScript {
  /** Relative to the context. */
  readonly path: string
  readonly crlf: boolean
  readonly executable: boolean
}

export interface ContextFacts {
  readonly measure: ContextMeasure
  readonly scripts: readonly ContextScript[]
}

/** The image that was built. */
export interface ImageSubject {
  readonly config: ImageConfigFacts
  readonly measure: ImageMeasure
  readonly notes: ImageNotes
  /** Layers below are the base's: their content is not the author's doing. */
  readonly firstOwn: number
  /** Line of the Dockerfile that made a layer, where it is known. */
  readonly lines: readonly (number | undefined)[]
}

/** What rules look at. A part is absent where it is not known: before a build there is no image. */
export interface Subject {
  readonly target: Target
  readonly dockerfile?: DockerfileModel
  readonly context?: ContextFacts
  readonly image?: ImageSubject
}

/** What a rule has to say. */
export interface Remark {
  readonly message: string
  readonly fix: string
  readonly where?: SourceLocation
  /** What the fix saves, in uncompressed bytes. */
  readonly bytes?: number
  /** Where it is another than the rule's own. */
  readonly severity?: Severity
}

/** One small pure function with all that a reader needs to judge what it says. */
export interface Rule {
  /** `image/root-user`: stable; users write it into ignore comments. */
  readonly id: string
  readonly severity: Severity
  /** Why it matters, one sentence. */
  readonly reason: string
  /** Who says so, in words. */
  readonly source: string
  readonly link: string
  readonly check: (subject: Subject) => readonly Remark[]
}

export const at = (
  dockerfile: DockerfileModel,
  step: { readonly line: number; readonly column?: number },
): SourceLocation => ({
  file: dockerfile.file,
  line: step.line,
  column: step.column ?? 1,
})

/** The line of the Dockerfile that made a layer. */
export function placeOfLayer({ image, dockerfile }: Subject, layer: number): { readonly where?: SourceLocation } {
  const line = image?.lines[layer]
  return line === undefined || !dockerfile ? {} : { where: at(dockerfile, { line }) }
}

/** All steps that end up in the image, in their order. */
export const stepsOf = ({ dockerfile }: Subject, ...keywords: readonly string[]): readonly Step[] =>
  (dockerfile?.chain ?? []).flatMap(({ steps }) => steps).filter(({ keyword }) => keywords.includes(keyword))

export const sumOf = (items: readonly { readonly bytes: number }[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, 0)

/** `a, b, c and 4 more`. */
export function some(names: readonly string[], most = 3): string {
  const distinct = [...new Set(names)]
  if (distinct.length <= most + 1) return and(distinct)
  return `${distinct.slice(0, most).join(', ')} and ${distinct.length - most} more`
}

const and = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
