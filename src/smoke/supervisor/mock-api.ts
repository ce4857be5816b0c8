import { isProxied, tokenOf } from './access.ts'
import { answer, type Reply, type Request, refused } from './api.ts'
import type { Resident } from './facts.ts'

/** A request as it came over the wire. */
export interface Incoming extends Request {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Address of the container. */
  readonly from: string
}

/** What the stand-in saw of one add-on. */
export interface Guest {
  /** `GET /info → 200`, each kind once, with how often; in the order of the first time. */
  readonly calls: readonly string[]
  /** Requests that the stand-in has no answer for. */
  readonly unknown: readonly string[]
  /** Requests that the add-on has no right to make, with what is missing. */
  readonly denied: readonly string[]
  /** Why the add-on wants to be stopped, when it does. */
  readonly stopAsked: string | undefined
  leave(): void
}

/** The stand-in's one desk: several add-ons, or one for several architectures, told apart by their tokens. */
export interface Desk {
  /** `changed` is called when the guest asks to be stopped. `resident` is asked anew each time: the address comes late. */
  admit(token: string, resident: () => Resident, changed: () => void): Guest
  receive(incoming: Incoming): Reply
}

// A client in a loop must not fill our memory.
const mostKinds = 200

export function openDesk(): Desk {
  const entries = new Map<string, Entry>()
  // A request without a token may come before the test knows the address of the container that it started.
  const strangers = new Map<string, Seen>()
  const seenOf = (entry: Entry): Seen => together(entry, strangers.get(entry.resident().address))
  return {
    admit(token, resident, changed) {
      const entry: Entry = { resident, changed, ...nothingSeen() }
      entries.set(token, entry)
      return {
        get calls() {
          return [...seenOf(entry).calls].map(([call, times]) => (times > 1 ? `${call} (${times} times)` : call))
        },
        get unknown() {
          return [...seenOf(entry).unknown]
        },
        get denied() {
          return [...seenOf(entry).denied]
        },
        get stopAsked() {
          return entry.stopAsked
        },
        leave: () => {
          entries.delete(token)
          strangers.delete(entry.resident().address)
        },
      }
    },
    receive(incoming) {
      const token = tokenOf(incoming.headers)
      const entry = token === undefined ? undefined : entries.get(token)
      const reply = replyTo(incoming, token, entry)
      if (entry) {
        record(entry, incoming, reply)
        if (reply.asks && entry.stopAsked === undefined) {
          entry.stopAsked = `the add-on asked the Supervisor to ${reply.asks} it (${requestOf(incoming)})`
          entry.changed()
        }
      } else {
        const from = incoming.from.replace(/^::ffff:/, '')
        const seen = strangers.get(from) ?? nothingSeen()
        if (strangers.size < mostKinds) strangers.set(from, seen)
        record(seen, incoming, reply)
      }
      return reply
    },
  }
}

interface Seen {
  readonly calls: Map<string, number>
  readonly unknown: Set<string>
  readonly denied: Set<string>
}

interface Entry extends Seen {
  readonly resident: () => Resident
  readonly changed: () => void
  stopAsked?: string
}

const nothingSeen = (): Seen => ({ calls: new Map(), unknown: new Set(), denied: new Set() })

const together = (a: Seen, b: Seen = nothingSeen()): Seen => ({
  calls: new Map([...b.calls, ...a.calls]),
  unknown: new Set([...b.unknown, ...a.unknown]),
  denied: new Set([...b.denied, ...a.denied]),
})

function replyTo(incoming: Incoming, token: string | undefined, entry: Entry | undefined): Reply {
  if (/^\/supervisor\/ping\/?(\?|$)/.test(incoming.path)) return { status: 200, body: { result: 'ok', data: {} } }
  if (token === undefined) return refused(401, 'Unauthorized: no token')
  if (entry) return answer(incoming, entry.resident())
  return refused(isProxied(incoming.path) ? 401 : 403, 'The token is not known')
}

const requestOf = ({ method, path }: Incoming): string =>
  `${method} ${path.length > 200 ? `${path.slice(0, 200)}…` : path}`

function record(entry: Seen, incoming: Incoming, reply: Reply): void {
  const request = requestOf(incoming)
  const call = `${request} → ${reply.status}`
  if (entry.calls.has(call) || entry.calls.size < mostKinds) entry.calls.set(call, (entry.calls.get(call) ?? 0) + 1)
  if (reply.unknown && entry.unknown.size < mostKinds) entry.unknown.add(request)
  if ((reply.status === 401 || reply.status === 403) && entry.denied.size < mostKinds) {
    entry.denied.add(`${request}: ${messageIn(reply.body)}`)
  }
}

const messageIn = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
