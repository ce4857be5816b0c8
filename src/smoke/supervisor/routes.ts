import type { AddonUnderTest } from './info.ts'
import { type ApiRequest, type ApiResponse, plainError } from './response.ts'
import type { SessionState } from './session-state.ts'

/** A request that the add-on has the right to make. */
export interface Call extends ApiRequest {
  /** Values of the `{…}` in the route, in their order. */
  readonly parameters: readonly string[]
  readonly addon: AddonUnderTest
  readonly session: SessionState
}

export type Answer = (call: Call) => ApiResponse

/** By method and path, as `GET /addons/{app}/info`. A last `{path}` is any number of parts. */
export type Routes = Readonly<Record<string, Answer>>

/** The same answer for several routes. */
export const sameFor = (method: string, paths: readonly string[], answer: Answer): Routes =>
  Object.fromEntries(paths.map((path) => [`${method} ${path}`, answer]))

/** Pure: the answer of the most specific route; 405 if the path exists only with another method, else undefined. */
export function answerOf(routes: Routes, call: Omit<Call, 'parameters'>, path: string): ApiResponse | undefined {
  const method = call.method === 'HEAD' ? 'GET' : call.method
  const parts = path.split('/')
  let [best, parameters, isKnown]: [Answer | undefined, readonly string[], boolean] = [undefined, [], false]
  for (const [route, answer] of Object.entries(routes)) {
    const space = route.indexOf(' ')
    const found = parametersOf(route.slice(space + 1).split('/'), parts)
    if (!found) continue
    isKnown = true
    if (route.slice(0, space) !== method || (best && found.length >= parameters.length)) continue
    best = answer
    parameters = found
  }
  if (best) return best({ ...call, parameters })
  return isKnown ? plainError(405) : undefined
}

function parametersOf(pattern: readonly string[], parts: readonly string[]): readonly string[] | undefined {
  const isOpenEnded = pattern.at(-1) === '{path}'
  if (isOpenEnded ? parts.length < pattern.length : parts.length !== pattern.length) return undefined
  const found: string[] = []
  for (const [index, part] of pattern.entries()) {
    const given = isOpenEnded && index === pattern.length - 1 ? parts.slice(index).join('/') : parts[index]
    if (part.startsWith('{') && given) found.push(given)
    else if (part !== given) return undefined
  }
  return found
}
