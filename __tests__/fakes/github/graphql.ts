import type { Answer } from '../loopback.ts'
import { problem } from './routes.ts'
import type { Token } from './state.ts'

/** Supports only `viewer { login }`. Other queries result in an error with status 200, as for an unknown field. */
export function answerGraphql(token: Token | undefined, body: unknown): Answer {
  if (!token) return problem(401, 'This endpoint requires you to be authenticated.')
  const { query } = (body ?? {}) as { query?: unknown }
  if (typeof query !== 'string')
    return { status: 400, body: { message: 'A query attribute must be specified and must be a string.' } }
  const plain = query
    .replace(/[\s,]+/g, ' ')
    .replace(/ ?([{}]) ?/g, '$1')
    .trim()
  if (/^(query( ?\w+)?)?\{viewer\{login\}\}$/.test(plain))
    return { status: 200, body: { data: { viewer: { login: token.login } } } }
  return {
    status: 200,
    body: {
      errors: [
        {
          type: 'NOT_SERVED',
          message: 'The fake answers "viewer { login }" only.',
          locations: [{ line: 1, column: 1 }],
        },
      ],
    },
  }
}
