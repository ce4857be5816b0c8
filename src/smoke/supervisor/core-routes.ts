import { isJsonObject, parseJsonText } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { config, context, events, services, setState } from './home-assistant.ts'
import { type ApiResponse, jsonResponse, plainError, textResponse } from './response.ts'
import { type Answer, answerOf, type Call, type Routes, sameFor } from './routes.ts'

const message = (text: string, status = 200): ApiResponse => jsonResponse({ message: text }, status)
const noEntity = message('Entity not found.', 404)

/** The REST API of Home Assistant: its answers have no envelope. */
const rest: Routes = {
  'GET config': () => jsonResponse(config),
  'GET core/state': () => jsonResponse({ state: 'RUNNING', recorder_state: { migration_in_progress: false } }),
  'GET states': ({ session }) => jsonResponse([...session.entities.values()]),
  'GET states/{entity}': ({ session, parameters: [id = ''] }) => {
    const found = session.entities.get(id)
    return found ? jsonResponse(found) : noEntity
  },
  'POST states/{entity}': postState,
  'DELETE states/{entity}': ({ session, parameters: [id = ''] }) =>
    session.entities.delete(id) ? message('Entity removed.') : noEntity,
  'GET services': () => jsonResponse(Object.entries(services).map(([domain, all]) => ({ domain, services: all }))),
  // The test has no devices, so no service changes a state.
  'POST services/{domain}/{service}': () => jsonResponse([]),
  'GET events': () => jsonResponse(events.map((event) => ({ event, listener_count: 1 }))),
  'POST events/{event}': ({ parameters: [name = ''] }) => message(`Event ${shorten(name, 100)} fired.`),
  // A template without expressions is its own result, and the mock has no interpreter for others.
  'POST template': ({ body }) => {
    const given = parseJsonText(body)
    return isJsonObject(given) && typeof given.template === 'string'
      ? textResponse(given.template)
      : message('Invalid JSON specified.', 400)
  },
  'POST config/core/check_config': () => jsonResponse({ result: 'valid', errors: null, warnings: null }),
  'GET error_log': () => textResponse(''),
  'GET history/period': () => jsonResponse([]),
  'GET history/period/{path}': () => jsonResponse([]),
  'GET logbook': () => jsonResponse([]),
  'GET logbook/{path}': () => jsonResponse([]),
  'GET calendars': () => jsonResponse([]),
  'GET camera_proxy/{entity}': () => plainError(404),
  'GET stream': () => textResponse('data: ping\n\n', 200, 'text/event-stream'),
}

function postState({ body, session, parameters: [id = ''] }: Call): ApiResponse {
  const given = parseJsonText(body)
  if (!isJsonObject(given)) return message('Invalid JSON specified.', 400)
  if (given.state === undefined || given.state === null) return message('No state specified.', 400)
  const isNew = !session.entities.has(id)
  const attributes = isJsonObject(given.attributes) ? given.attributes : {}
  const made = setState(session.entities, id, String(given.state), attributes)
  if (typeof made === 'string') return message(made, 400)
  return jsonResponse({ ...made, context }, isNew ? 201 : 200)
}

const api: Answer = (call) => {
  const [path = ''] = call.parameters
  return answerOf(rest, call, path) ?? { ...plainError(404), unknown: true }
}

const noUpgrade = textResponse('No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".', 400)

/** Home Assistant, through the proxy of the Supervisor. */
export const coreRoutes: Routes = Object.fromEntries(
  ['core', 'homeassistant'].flatMap((name) =>
    Object.entries({
      [`GET /${name}/api/`]: () => message('API running.'),
      ...Object.fromEntries(['GET', 'POST', 'DELETE'].map((method) => [`${method} /${name}/api/{path}`, api])),
      ...sameFor('GET', [`/${name}/websocket`, `/${name}/api/websocket`], () => noUpgrade),
    } satisfies Routes),
  ),
)
