import { parseJsonText } from '../core/json-fields.ts'

/** One line of `--progress=rawjson`. Source: BuildKit client/graph.go, `SolveStatus`. */
export interface Status {
  readonly vertexes?: readonly Vertex[]
  readonly statuses?: readonly { readonly vertex: string }[]
  readonly logs?: readonly { readonly vertex: string; readonly data?: string }[]
  readonly warnings?: readonly Warning[]
}

export interface Vertex {
  readonly digest: string
  readonly name: string
  readonly started?: string
  readonly completed?: string
  readonly cached?: boolean
  readonly error?: string
}

export interface Warning {
  readonly vertex?: string
  readonly short: string
  readonly detail?: readonly string[] | null
  readonly url?: string
  readonly sourceInfo?: { readonly filename?: string } | null
  readonly range?: readonly { readonly start?: { readonly line?: number } }[] | null
}

/** Undefined: the line is from buildx itself, not from BuildKit. */
export const readStatus = (line: string): Status | undefined =>
  line.startsWith('{') ? (parseJsonText(line) as Status | undefined) : undefined

/** `[2/5] RUN …`, `[builder 1/3] COPY …`: instructions of the Dockerfile. FROM does not count: it is only resolved. */
export const isWork = ({ name }: Pick<Vertex, 'name'>): boolean =>
  /^\[(?!internal\])[^\]]*\d\/\d+\] (?!FROM )/.test(name)
