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

/** Undefined: the line is not of BuildKit, but of buildx itself. */
export function readStatus(line: string): Status | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Status
  } catch {
    return undefined
  }
}

/** `[2/5] RUN …`, `[builder 1/3] COPY …`: instructions of the Dockerfile; FROM is only resolved, never built. */
export const isWork = ({ name }: Pick<Vertex, 'name'>): boolean =>
  /^\[(?!internal\])[^\]]*\d\/\d+\] (?!FROM )/.test(name)

/** A step of the Dockerfile is being executed: one that comes from the cache is begun and done in the same report (measured with BuildKit 0.25). */
export const isExecuting = (vertex: Vertex): boolean =>
  vertex.started !== undefined && vertex.completed === undefined && !vertex.cached && isWork(vertex)

/**
 * Takes the log of one `buildx bake` apart into those of its targets. Bake writes the target into the name of each vertex:
 * `[t0 2/5] RUN …`, `[t0] exporting to image` (buildx util/progress/multiwriter.go); all else is known by the digest of its vertex,
 * which several targets may have in common.
 * @returns for a status, the targets that it is about, each with its part, as its own build would have told it.
 */
export function separateTargets(): (status: Status) => ReadonlyMap<string, Status> {
  const owners = new Map<string, Set<string>>()
  return (status) => {
    const parts = new Map<string, { readonly [list in keyof Required<Status>]: Required<Status>[list][number][] }>()
    const partOf = (target: string) => {
      const part = parts.get(target) ?? { vertexes: [], statuses: [], logs: [], warnings: [] }
      parts.set(target, part)
      return part
    }
    for (const vertex of status.vertexes ?? []) {
      const [whole, target, end] = /^\[([\w-]+)(\] | )/.exec(vertex.name) ?? []
      // What bake does for all of them, such as reading its file, is nobody's.
      if (whole === undefined || target === undefined || target === 'internal') continue
      owners.set(vertex.digest, (owners.get(vertex.digest) ?? new Set()).add(target))
      partOf(target).vertexes.push({ ...vertex, name: `${end === ' ' ? '[' : ''}${vertex.name.slice(whole.length)}` })
    }
    const deal = <List extends 'statuses' | 'logs' | 'warnings'>(list: List): void => {
      for (const one of status[list] ?? []) {
        for (const target of owners.get(one.vertex ?? '') ?? []) (partOf(target)[list] as (typeof one)[]).push(one)
      }
    }
    deal('statuses')
    deal('logs')
    deal('warnings')
    return parts
  }
}
