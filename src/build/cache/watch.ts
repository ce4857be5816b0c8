import type { Clock } from '../../core/host.ts'
import type { Status } from '../rawjson.ts'

/** What a cache did that a build should not wait for, or wait for again. */
export interface CacheFault {
  readonly work: 'import' | 'export'
  readonly kind: 'gha' | 'registry'
  readonly why: string
}

export interface CacheWatch {
  /** Takes what BuildKit reports. */
  onStatus(status: Status): void
  /** What went wrong so far, the gravest first known; undefined: nothing. */
  fault(): CacheFault | undefined
  close(): void
}

/** An index is a small file; a layer may be large, and BuildKit says nothing while it sends one. */
export const stallTimeoutMs = { import: 15_000, export: 60_000 } as const

/** Names of BuildKit's steps: solver/llbsolver/bridge.go, cache/remotecache. A cache in a folder of this machine is not waited for. */
const works = [
  { work: 'import', kind: 'gha', name: /^importing cache manifest from gha:/ },
  { work: 'import', kind: 'registry', name: /^importing cache manifest from (?!local:)/ },
  { work: 'export', kind: 'gha', name: /^exporting to GitHub Actions Cache/ },
  { work: 'export', kind: 'registry', name: /^exporting cache to registry/ },
] as const
type Work = Pick<CacheFault, 'work' | 'kind'>

// A registry says "not found" of a cache that nobody has written yet.
const empty = /not found|404/i

/**
 * Sees when a cache fails or falls silent. BuildKit's `timeout` bounds how long it waits for a service that asks it to, and not how long
 * for one that does not answer at all (go-actions-cache cache.go), so silence is measured here.
 */
export function watchCache(clock: Clock, onSilence: (trouble: CacheFault) => void): CacheWatch {
  const running = new Map<string, { readonly work: Work; readonly wait: AbortController }>()
  let trouble: CacheFault | undefined
  let closed = false

  const listen = (digest: string, { work, kind }: Work): void => {
    running.get(digest)?.wait.abort()
    const wait = new AbortController()
    running.set(digest, { work: { work, kind }, wait })
    void clock.sleep(stallTimeoutMs[work], wait.signal).then(() => {
      if (wait.signal.aborted || closed) return
      trouble ??= { work, kind, why: `no answer for ${stallTimeoutMs[work] / 1000} s` }
      onSilence(trouble)
    })
  }

  return {
    onStatus(status) {
      if (closed) return
      for (const { digest, name, started, completed, error } of status.vertexes ?? []) {
        const work = works.find((one) => one.name.test(name))
        if (!work || !started) continue
        if (!completed) {
          listen(digest, work)
          continue
        }
        running.get(digest)?.wait.abort()
        running.delete(digest)
        if (error && !empty.test(error)) trouble ??= { work: work.work, kind: work.kind, why: error }
      }
      for (const { vertex } of status.statuses ?? []) {
        const step = running.get(vertex)
        if (step) listen(vertex, step.work)
      }
    },
    fault: () => trouble,
    close() {
      closed = true
      for (const { wait } of running.values()) wait.abort()
    },
  }
}
