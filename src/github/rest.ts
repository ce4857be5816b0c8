/** An error response of GitHub, or no response (`status` 0). */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly status: number
  /** What to do later: `retry-after`, `x-ratelimit-…`. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
    this.headers = headers
  }
}

/** The response to a request; undefined for "not found". */
export async function ifFound(request: Promise<RestResponse>): Promise<RestResponse | undefined> {
  try {
    return await request
  } catch (thrown) {
    if (thrown instanceof RestError && thrown.status === 404) return undefined
    throw thrown
  }
}

export interface RestResponse {
  readonly data: unknown
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

export type Parameters = Readonly<Record<string, string | number>>

/** The REST API of GitHub, which Gitea, Forgejo and GitHub Enterprise offer as well. */
export interface RestClient {
  /**
   * @param route `GET /repos/{owner}/{repo}/pulls/{pull_number}`; values not in the route go into the query or the body.
   * @throws RestError for any response that is not a success, after the retries that are safe.
   */
  request(route: string, parameters?: Parameters): Promise<RestResponse>
  /** All pages of a list, one after the other. The caller may stop early. */
  pages(route: string, parameters?: Parameters): AsyncGenerator<readonly unknown[]>
}
