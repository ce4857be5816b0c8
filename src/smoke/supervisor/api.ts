import { accessTo } from './access.ts'
import { answers } from './answers.ts'
import type { AddonUnderTest } from './info.ts'
import { type ApiRequest, type ApiResponse, deniedResponse, plainError } from './response.ts'
import { answerOf } from './routes.ts'
import type { SessionState } from './session-state.ts'

/** The Supervisor's response to an add-on with a valid token. Changes the state of its session as the Supervisor would. */
export function respond(request: ApiRequest, addon: AddonUnderTest, session: SessionState): ApiResponse {
  const [path = '/'] = request.path.split('?')
  const access = accessTo(path, addon.run)
  if (access.status !== 200) return deniedResponse(access.status, access.reason)
  return answerOf(answers, { ...request, addon, session }, path) ?? { ...plainError(404), unknown: true }
}
