import type { Fault } from '../faults.ts'
import { problem, refused } from './routes.ts'

type Aim = Pick<Fault, 'on' | 'times' | 'after'>

/** Faults with GitHub's own messages. Without `on` and `times` they apply to every request. */
export const unauthorized = (aim: Aim = {}): Fault => ({ ...aim, answer: problem(401, 'Bad credentials') })
export const forbidden = (aim: Aim = {}): Fault => ({ ...aim, answer: refused() })
export const notFound = (aim: Aim = {}): Fault => ({ ...aim, answer: problem(404, 'Not Found') })
export const serverError = (status: 500 | 502 | 503 | 504 = 502, aim: Aim = {}): Fault => ({
  ...aim,
  answer: problem(status, 'Server Error'),
})
export const slow = (delayMs: number, aim: Aim = {}): Fault => ({ ...aim, delayMs })
export const cut = (when: 'at-once' | 'before-answer' | 'mid-answer', aim: Aim = {}): Fault => ({ ...aim, cut: when })

/** Too many requests in a short time. Source: GitHub, "Rate limits for the REST API": 403 or 429, with `retry-after` in seconds. */
export const secondaryLimit = (
  aim: Aim & { readonly status?: 403 | 429; readonly retryAfter?: number } = {},
): Fault => {
  const { status = 403, retryAfter = 1, ...rest } = aim
  const { body } = problem(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  )
  return { ...rest, answer: { status, headers: { 'retry-after': String(retryAfter) }, body } }
}

/** The hourly rate limit is exhausted. `resetAt`: seconds since the epoch. */
export const primaryLimit = (resetAt: number, aim: Aim = {}): Fault => ({
  ...aim,
  answer: {
    ...problem(403, 'API rate limit exceeded for installation.'),
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetAt) },
  },
})
