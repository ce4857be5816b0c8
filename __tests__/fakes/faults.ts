import type { Answer } from './loopback.ts'

/** A fault: what goes wrong, for which requests, and how often. The first matching fault applies. */
export interface Fault {
  /**
   * A route, `POST /repos/{owner}/{repo}/issues/{number}/comments` (a part in braces matches one segment; the query is ignored),
   * or a pattern for `METHOD /path?query`. Default: every request.
   */
  readonly on?: string | RegExp
  /** Number of matching requests that succeed first. Default 0. */
  readonly after?: number
  /** Number of requests that fail. Default: all. */
  readonly times?: number
  /** Called when the fault applies to a request, before the request is processed. */
  readonly onHit?: () => void
  /** Delay before the request is processed; without `answer` and `cut` it is then served normally. */
  readonly delayMs?: number
  /** Like `delayMs`, but waits for this promise. */
  readonly until?: Promise<unknown>
  readonly answer?: Answer
  /**
   * Breaks the connection: before the request is processed; after it was processed, but before the response; in the middle of the response;
   * or after this number of bytes of the request body. A request whose declared body is shorter does not match.
   */
  readonly cut?: 'at-once' | 'before-answer' | 'mid-answer' | { readonly afterBytes: number }
  /** The whole server goes down, as if its process had exited: this request is cut, all others are refused. It returns after this number of ms, or by `comeBack()`. */
  readonly vanish?: true | { readonly forMs: number }
}

export interface Faults {
  /** Returns a function that removes the fault. */
  add(fault: Fault): () => void
  clear(): void
  /** The fault for this request; counts it. `target`: path and query; `length`: value of the Content-Length header, if any. */
  take(method: string, target: string, length?: string): Fault | undefined
}

export function createFaults(): Faults {
  const rules: { readonly fault: Fault; readonly fits: (method: string, target: string) => boolean; seen: number }[] =
    []
  return {
    add(fault) {
      const rule = { fault, fits: matcherOf(fault.on), seen: 0 }
      rules.push(rule)
      return () => {
        const at = rules.indexOf(rule)
        if (at >= 0) rules.splice(at, 1)
      }
    },
    clear() {
      rules.length = 0
    },
    take(method, target, length) {
      for (const rule of rules) {
        if (!rule.fits(method, target) || isTooShort(rule.fault, length)) continue
        const { after = 0, times = Number.POSITIVE_INFINITY } = rule.fault
        if (rule.seen >= after + times) continue
        rule.seen += 1
        if (rule.seen <= after) continue
        rule.fault.onHit?.()
        return rule.fault
      }
      return undefined
    },
  }
}

/** Otherwise a fault for a layer would be used up by a config, which is complete before it is cut. */
const isTooShort = ({ cut }: Fault, length: string | undefined): boolean =>
  typeof cut === 'object' && length !== undefined && Number(length) < cut.afterBytes

function matcherOf(on: Fault['on']): (method: string, target: string) => boolean {
  if (on === undefined) return () => true
  if (on instanceof RegExp) {
    const pattern = new RegExp(on.source, on.flags.replace(/[gy]/g, ''))
    return (method, target) => pattern.test(`${method} ${target}`)
  }
  const [method, path = ''] = on.split(' ')
  const pattern = routePattern(path)
  return (asked, target) => (method === '*' || method === asked) && pattern.test(target.split('?')[0] ?? '')
}

/** `/repos/{owner}/{repo}` as a pattern with named groups; `{ref}` at the end does not match slashes either. */
export function routePattern(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) =>
      /^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`)
}
