import type { IncomingHttpHeaders } from 'node:http'
import { accessTo, isProxied, tokenFrom } from './access.ts'
import { respond } from './api.ts'
import { type CoreSocket, serveCoreSocket } from './core-socket.ts'
import type { AddonUnderTest } from './info.ts'
import { type ApiRequest, type ApiResponse, deniedResponse, okResponse, plainError } from './response.ts'
import { newSessionState, type SessionState } from './session-state.ts'

/** A request as it was received. */
export interface IncomingRequest extends ApiRequest {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Address of the container. */
  readonly from: string
}

type Origin = Pick<IncomingRequest, 'method' | 'path' | 'from'>

/** The requests of one add-on. */
export interface AddonSession {
  /** What the add-on has set. */
  readonly state: SessionState
  /** `GET /info → 200`, each kind once, with its number; in the order of the first one. */
  readonly calls: readonly string[]
  /** Requests that the mock does not implement. */
  readonly unknown: readonly string[]
  /** Requests that the add-on has no right to make, with what is missing. */
  readonly denied: readonly string[]
  /** Why the add-on is to be stopped, if it has asked for it. */
  readonly stopRequest: string | undefined
  close(): void
}

/** One mock for several add-ons, or for one add-on on several architectures, told apart by their tokens. */
export interface SupervisorMock {
  /**
   * @param addon is called for each request, because the address is not known before the container has started
   * @param onStopRequest is called when the add-on asks to be stopped
   * @param state what an earlier container of the same add-on has set. Default: nothing
   */
  register(token: string, addon: () => AddonUnderTest, onStopRequest: () => void, state?: SessionState): AddonSession
  handle(incoming: IncomingRequest): ApiResponse
  /** A client that opened Home Assistant's WebSocket. The returned function takes its messages. */
  connect(incoming: Origin, socket: CoreSocket): (text: string) => void
}

/** Maximum different requests recorded per add-on, and addresses that send no token: a client in a loop must not fill the memory. */
const maxKinds = 200

export function createSupervisorMock(): SupervisorMock {
  const registrations = new Map<string, Registration>()
  // By address: a request without a token may arrive before the test knows the address of the container.
  const unauthenticated = new Map<string, RequestRecord>()
  const recordOf = (registration: Registration): RequestRecord =>
    mergeRecords(registration, unauthenticated.get(registration.addon().address))
  const recordOfAddress = (from: string): RequestRecord => {
    const address = from.replace(/^::ffff:/, '')
    const record = unauthenticated.get(address) ?? emptyRecord()
    if (unauthenticated.size < maxKinds) unauthenticated.set(address, record)
    return record
  }
  return {
    register(token, addon, onStopRequest, state = newSessionState()) {
      const registration: Registration = { addon, onStopRequest, state, ...emptyRecord() }
      registrations.set(token, registration)
      return {
        state,
        get calls() {
          return [...recordOf(registration).calls].map(([call, times]) =>
            times > 1 ? `${call} (${times} times)` : call,
          )
        },
        get unknown() {
          return [...recordOf(registration).unknown]
        },
        get denied() {
          return [...recordOf(registration).denied]
        },
        get stopRequest() {
          return registration.stopRequest
        },
        close: () => {
          registrations.delete(token)
          unauthenticated.delete(registration.addon().address)
        },
      }
    },
    handle(incoming) {
      const [path = '/'] = incoming.path.split('?')
      const token = tokenFrom(incoming.headers, path)
      const registration = token === undefined ? undefined : registrations.get(token)
      const response = responseTo(incoming, token, registration)
      if (registration) {
        addRequest(registration, incoming, response)
        if (response.lifecycleRequest && registration.stopRequest === undefined) {
          registration.stopRequest = `the add-on asked the Supervisor to ${response.lifecycleRequest} it (${describeRequest(incoming)})`
          registration.onStopRequest()
        }
      } else {
        addRequest(recordOfAddress(incoming.from), incoming, response)
      }
      return response
    },
    connect(incoming, socket) {
      let record: RequestRecord | undefined
      const receive = serveCoreSocket(socket, {
        authenticate(token) {
          const registration = registrations.get(token)
          const access = registration && accessTo('/core/websocket', registration.addon().run)
          record = registration ?? recordOfAddress(incoming.from)
          if (access?.status === 200) {
            addRequest(record, incoming, { status: 101 })
            return registration?.state
          }
          addRequest(record, incoming, deniedResponse(401, access?.reason ?? 'the token is not known'))
          return undefined
        },
        onUnknown: (type) => record && addUnknown(record, `WebSocket command ${JSON.stringify(type)}`),
      })
      return (text) => {
        try {
          receive(text)
        } catch {
          // An entity can have attributes that are nested too deeply for the stack.
          socket.end()
        }
      }
    },
  }
}

interface RequestRecord {
  readonly calls: Map<string, number>
  readonly unknown: Set<string>
  readonly denied: Set<string>
}

interface Registration extends RequestRecord {
  readonly addon: () => AddonUnderTest
  readonly onStopRequest: () => void
  readonly state: SessionState
  stopRequest?: string
}

const emptyRecord = (): RequestRecord => ({ calls: new Map(), unknown: new Set(), denied: new Set() })

const mergeRecords = (a: RequestRecord, b: RequestRecord = emptyRecord()): RequestRecord => ({
  calls: new Map([...b.calls, ...a.calls]),
  unknown: new Set([...b.unknown, ...a.unknown]),
  denied: new Set([...b.denied, ...a.denied]),
})

function responseTo(
  incoming: IncomingRequest,
  token: string | undefined,
  registration: Registration | undefined,
): ApiResponse {
  const [path = '/'] = incoming.path.split('?')
  if (path === '/supervisor/ping') return okResponse()
  if (registration) return respondSafely(incoming, registration)
  if (token === undefined) return deniedResponse(401, 'no token')
  return deniedResponse(isProxied(path) ? 401 : 403, 'the token is not known')
}

function respondSafely(incoming: IncomingRequest, { addon, state }: Registration): ApiResponse {
  try {
    return respond(incoming, addon(), state)
  } catch {
    // A body can be nested so deeply that the stack is too small for it.
    return plainError(500)
  }
}

const describeRequest = ({ method, path }: Pick<IncomingRequest, 'method' | 'path'>): string =>
  `${method} ${path.length > 200 ? `${path.slice(0, 200)}…` : path}`

function addUnknown(record: RequestRecord, what: string): void {
  if (record.unknown.size < maxKinds) record.unknown.add(what)
}

function addRequest(
  record: RequestRecord,
  incoming: Origin,
  response: Pick<ApiResponse, 'status' | 'unknown' | 'denied'>,
): void {
  const request = describeRequest(incoming)
  const call = `${request} → ${response.status}`
  if (record.calls.has(call) || record.calls.size < maxKinds) record.calls.set(call, (record.calls.get(call) ?? 0) + 1)
  if (response.unknown) addUnknown(record, request)
  if (response.denied !== undefined && record.denied.size < maxKinds) {
    record.denied.add(`${request}: ${response.denied}`)
  }
}
