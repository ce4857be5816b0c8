export interface ApiRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string
}

export interface ApiResponse {
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** The mock does not implement it: the report lists it. */
  readonly unknown?: true
  /** Why the add-on may not request it. */
  readonly denied?: string
  /** The add-on asked to be stopped, or for what stops it. */
  readonly lifecycleRequest?: 'stop' | 'restart' | 'rebuild' | 'uninstall'
}

export const jsonResponse = (body: unknown, status = 200): ApiResponse => ({
  status,
  contentType: 'application/json; charset=utf-8',
  text: JSON.stringify(body),
})

export const textResponse = (text: string, status = 200, contentType = 'text/plain; charset=utf-8'): ApiResponse => ({
  status,
  contentType,
  text,
})

/** In the envelope of the Supervisor. */
export const okResponse = (data: unknown = {}): ApiResponse => jsonResponse({ result: 'ok', data })

export const errorResponse = (status: number, message: string, details: object = {}): ApiResponse =>
  jsonResponse({ result: 'error', message, ...details }, status)

const phrases = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
} as const

/** As aiohttp responds before a handler runs: `404: Not Found`. */
export const plainError = (status: keyof typeof phrases): ApiResponse =>
  textResponse(`${status}: ${phrases[status]}`, status)

/** What the add-on has no right to request. */
export const deniedResponse = (status: 401 | 403, reason: string): ApiResponse => ({
  ...plainError(status),
  denied: reason,
})
