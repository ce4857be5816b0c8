import type { Clock } from '../../core/host.ts'
import type { CacheKind } from '../../inputs/options.ts'
import type { Status } from '../rawjson.ts'
import { type CachePlan, cacheBackends } from './cache.ts'

/** A failure of a cache, for which a build should not wait (again). */
export interface CacheFault extends Work {
  readonly why: string
}

interface Work {
  readonly work: 'import' | 'export'
  readonly kind: CacheKind['kind']
}

interface CacheWatch {
  onStatus(status: Status): void
  fault(): CacheFault | undefined
  close(): void
}

/** An index is a small file; a layer may be large, and BuildKit reports nothing while it sends one. */
export const stallTimeoutMs = { import: 15_000, export: 60_000 } as const

const matchingOrder = Object.keys(cacheBackends) as readonly CacheKind['kind'][]

/** A cache in a folder of this machine has no steps here: it does not stall. */
function workOf(step: string, kinds: readonly CacheKind['kind'][]): Work | undefined {
  for (const work of ['import', 'export'] as const) {
    const kind = kinds.find((one) => cacheBackends[one].steps?.[work]?.test(step))
    if (kind) return { work, kind }
  }
  return undefined
}

// A registry answers "not found" for a cache that has not been written yet. Only the end of an error says so: ports and digests may contain "404".
const empty = /(?:: |\b404 )not found$/i

/** Detects a cache of the plan that fails or stalls. BuildKit has no deadline for a service that does not answer (go-actions-cache cache.go). */
export function watchCache(plan: CachePlan, clock: Clock, onStall: (fault: CacheFault) => void): CacheWatch {
  const kinds = matchingOrder.filter((kind) => plan.kinds.some((one) => one.kind === kind))
  const running = new Map<string, { readonly work: Work; readonly wait: AbortController }>()
  let fault: CacheFault | undefined
  let closed = false

  const waitFor = (digest: string, work: Work): void => {
    running.get(digest)?.wait.abort()
    const wait = new AbortController()
    running.set(digest, { work, wait })
    const timeoutMs = stallTimeoutMs[work.work]
    void clock.sleep(timeoutMs, wait.signal).then(() => {
      if (wait.signal.aborted || closed) return
      fault ??= { ...work, why: `no response for ${timeoutMs / 1000} s` }
      onStall(fault)
    })
  }

  return {
    onStatus(status) {
      if (closed) return
      for (const { digest, name, started, completed, error } of status.vertexes ?? []) {
        const work = started ? workOf(name, kinds) : undefined
        if (!work) continue
        if (!completed) {
          waitFor(digest, work)
          continue
        }
        running.get(digest)?.wait.abort()
        running.delete(digest)
        if (error && !(work.work === 'import' && empty.test(error.trimEnd()))) fault ??= { ...work, why: error }
      }
      for (const { vertex } of status.statuses ?? []) {
        const step = running.get(vertex)
        if (step) waitFor(vertex, step.work)
      }
    },
    fault: () => fault,
    close() {
      closed = true
      for (const { wait } of running.values()) wait.abort()
    },
  }
}
