import type { Answer } from './loopback.ts'

/** What goes wrong, for which requests, and how often. The first fault that fits is taken. */
export interface Fault {
  /**
   * A route, `POST /repos/{owner}/{repo}/issues/{number}/comments` (a part in braces is any one segment; the query is not looked at),
   * or a pattern for `METHOD /path?query`. Default: every request.
   */
  readonly on?: string | RegExp
  /** So many fitting requests pass first. Default 0. */
  readonly after?: number
  /** So many are hit. Default: all. */
  readonly times?: number
  /** Called when a request is hit, before anything is done to it. */
  readonly onHit?: () => void
  /** Waits before anything else is done; without `answer` and `cut` the request is then served as ever. */
  readonly delayMs?: number
  /** Waits for this, as `delayMs` does for a time. */
  readonly until?: Promise<unknown>
  readonly answer?: Answer
  /**
   * Breaks the connection: before the request is looked at; after it was carried out, but before the answer; in the middle of the answer;
   * or when so many bytes of the request's body have come. A request that is known to have fewer is none that fits.
   */
  readonly cut?: 'at-once' | 'before-answer' | 'mid-answer' | { readonly afterBytes: number }
  /** The server goes away as a whole, as if its process had ended: this request is cut, all others are refused. It comes back after so many ms, or by `comeBack()`. */
  readonly vanish?: true | { readonly forMs: number }
}

export interface Faults {
  /** Gives back what takes the fault away again. */
  add(fault: Fault): () => void
  clear(): void
  /** The fault for this request, counted. `target` is path and query; `length` what its header says of its body, if it does. */
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

/** Else a fault that is meant for a layer is used up by a config, which is over before it is cut. */
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

/** `/repos/{owner}/{repo}` as a pattern with named groups; `…{ref}` at the end does not take slashes either. */
export function routePattern(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) =>
      /^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`)
}
