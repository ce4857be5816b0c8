import type { ContextMeasure } from '../context/context-measure.ts'
import type { Severity, SourceLocation } from '../core/diagnostics.ts'
import { enumerate, safeLine } from '../core/text.ts'
import type { Instruction } from '../dockerfile/instructions.ts'
import type { ResolvedDockerfile } from '../dockerfile/resolve.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { FileNote, ImageNotes } from '../image/notes.ts'
import type { Target } from '../plan/plan.ts'
import type { AuditedConfig } from './image-config.ts'

/** A script of the build context. */
export interface ContextScript {
  /** Relative to the context. */
  readonly path: string
  readonly crlf: boolean
  readonly executable: boolean
}

export interface AuditedContext {
  readonly measure: ContextMeasure
  readonly scripts: readonly ContextScript[]
}

/** The image that was built. */
export interface AuditedImage {
  readonly config: AuditedConfig
  readonly measure: ImageMeasure
  readonly notes: ImageNotes
  /** The layers before this one belong to the base image: the author cannot fix their content. */
  readonly firstOwn: number
  /** Line of the Dockerfile that made a layer, if it is known. */
  readonly lines: readonly (number | undefined)[]
}

/** The input of every rule. A part is absent if it is not known: there is no image before a build. */
export interface RuleInput {
  readonly target: Target
  readonly dockerfile?: ResolvedDockerfile
  readonly context?: AuditedContext
  readonly image?: AuditedImage
}

/** One location that breaks a rule. The audit turns it into a `Finding`. */
export interface Violation {
  readonly message: string
  readonly fix: string
  readonly where?: SourceLocation
  /** Uncompressed bytes that the fix saves. */
  readonly bytes?: number
  /** Overrides the severity of the rule. */
  readonly severity?: Severity
}

/** A rule of the audit: a pure function, with the facts that explain its findings. */
export interface Rule {
  /** `image/root-user`: stable, because users write it into ignore comments. */
  readonly id: string
  readonly severity: Severity
  /** Why it matters, in one or two sentences. */
  readonly reason: string
  /** The name of the document behind `link`. */
  readonly source: string
  readonly link: string
  readonly check: (input: RuleInput) => readonly Violation[]
}

/** The instructions that end up in the image, in their order. */
export const instructionsOf = ({ dockerfile }: RuleInput, ...keywords: readonly string[]): readonly Instruction[] =>
  (dockerfile?.chain ?? [])
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword }) => keywords.includes(keyword))

/** The instructions of all stages, also of those that do not end up in the image. */
export const allInstructions = ({ dockerfile }: RuleInput): readonly Instruction[] =>
  (dockerfile?.stages ?? []).flatMap(({ instructions }) => instructions)

/** The base image as far as it is known before a build; empty: not known. */
export const baseImageOf = ({ target, dockerfile }: RuleInput): string =>
  target.baseImage ?? dockerfile?.chain[0]?.image ?? ''

/** Notes of one kind about files that the author's layers contain. */
export const ownFiles = ({ image }: RuleInput, kind: FileNote['kind']): readonly FileNote[] =>
  (image?.notes.files ?? []).filter((note) => note.kind === kind && note.layer >= (image?.firstOwn ?? 0))

/** Packages of the distribution that the author's layers install. */
export const ownPackages = ({ image }: RuleInput) =>
  (image?.measure.contents?.packages ?? []).filter(
    ({ manager, layer = 0 }) => (manager === 'apk' || manager === 'dpkg') && layer >= (image?.firstOwn ?? 0),
  )

/** The instruction of the Dockerfile that made a layer, if it is known. */
export function layerLocation({ image, dockerfile }: RuleInput, layer: number): Pick<Violation, 'where'> {
  const line = image?.lines[layer]
  return line === undefined || !dockerfile ? {} : { where: { file: dockerfile.file, line, column: 1 } }
}

export const totalBytes = (items: readonly { readonly bytes: number }[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, 0)

/** `a, b, c and 4 more`, each name once. */
export const listNames = (names: readonly string[], most = 3): string => enumerate([...new Set(names)], most)

/** `/bin/a and /bin/b`: paths in an image are hostile text. */
export const listPaths = (paths: readonly string[]): string => listNames(paths.map((path) => `/${safeLine(path)}`))
