import type { IncomingHttpHeaders } from 'node:http'
import { isProxied, tokenFrom } from './access.ts'
import { respond } from './api.ts'
import type { AddonUnderTest } from './info.ts'
import { type ApiRequest, type ApiResponse, deniedResponse, okResponse } from './response.ts'
import { newSessionState, type SessionState } from './session-state.ts'

/** A request as it was received. */
export interface IncomingRequest extends ApiRequest {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Address of the container. */
  readonly from: string
}

/** The requests of one add-on. */
export interface AddonSession {
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
   */
  register(token: string, addon: () => AddonUnderTest, onStopRequest: () => void): AddonSession
  handle(incoming: IncomingRequest): ApiResponse
}

/** Maximum different requests recorded per add-on, and addresses that send no token: a client in a loop must not fill the memory. */
const maxKinds = 200

export function createSupervisorMock(): SupervisorMock {
  const registrations = new Map<string, Registration>()
  // By address: a request without a token may arrive before the test knows the address of the container.
  const unauthenticated = new Map<string, RequestRecord>()
  const recordOf = (registration: Registration): RequestRecord =>
    mergeRecords(registration, unauthenticated.get(registration.addon().address))
  return {
    register(token, addon, onStopRequest) {
      const registration: Registration = { addon, onStopRequest, state: newSessionState(), ...emptyRecord() }
      registrations.set(token, registration)
      return {
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
      const token = tokenFrom(incoming.headers)
      const registration = token === undefined ? undefined : registrations.get(token)
      const response = responseTo(incoming, token, registration)
      if (registration) {
        addRequest(registration, incoming, response)
        if (response.lifecycleRequest && registration.stopRequest === undefined) {
          registration.stopRequest = `the add-on asked the Supervisor to ${response.lifecycleRequest} it (${describeRequest(incoming)})`
          registration.onStopRequest()
        }
      } else {
        const from = incoming.from.replace(/^::ffff:/, '')
        const record = unauthenticated.get(from) ?? emptyRecord()
        if (unauthenticated.size < maxKinds) unauthenticated.set(from, record)
        addRequest(record, incoming, response)
      }
      return response
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
  if (registration) return respond(incoming, registration.addon(), registration.state)
  if (token === undefined) return deniedResponse(401, 'no token')
  return deniedResponse(isProxied(path) ? 401 : 403, 'the token is not known')
}

const describeRequest = ({ method, path }: IncomingRequest): string =>
  `${method} ${path.length > 200 ? `${path.slice(0, 200)}…` : path}`

function addRequest(record: RequestRecord, incoming: IncomingRequest, response: ApiResponse): void {
  const request = describeRequest(incoming)
  const call = `${request} → ${response.status}`
  if (record.calls.has(call) || record.calls.size < maxKinds) record.calls.set(call, (record.calls.get(call) ?? 0) + 1)
  if (response.unknown && record.unknown.size < maxKinds) record.unknown.add(request)
  if (response.denied !== undefined && record.denied.size < maxKinds) {
    record.denied.add(`${request}: ${response.denied}`)
  }
}
