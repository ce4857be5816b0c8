import { homeAssistantVersion } from './info.ts'
import { jsonResponse, plainError, textResponse } from './response.ts'
import { type Answer, type Routes, sameFor } from './routes.ts'

/** Home Assistant, through the proxy: without the envelope of the Supervisor. */
const api: Answer = ({ method, parameters: [path = ''] }) => {
  switch (path) {
    case '':
      return jsonResponse({ message: 'API running.' })
    case 'config':
      return jsonResponse({
        components: ['api'],
        config_dir: '/config',
        currency: 'EUR',
        elevation: 0,
        latitude: 0,
        longitude: 0,
        location_name: 'Home',
        time_zone: 'UTC',
        unit_system: { length: 'km', mass: 'g', temperature: '°C', volume: 'L' },
        version: homeAssistantVersion,
        state: 'RUNNING',
        safe_mode: false,
      })
    case 'stream':
      return textResponse('data: ping\n\n', 200, 'text/event-stream')
    case 'states':
    case 'services':
    case 'events':
      return jsonResponse([])
  }
  if (method === 'POST' && /^(states|events|services)\//.test(path)) return jsonResponse([])
  if (path.startsWith('states/')) return jsonResponse({ message: 'Entity not found.' }, 404)
  return { ...plainError(404), unknown: true }
}

const noUpgrade = textResponse('No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".', 400)

export const coreRoutes: Routes = Object.fromEntries(
  ['core', 'homeassistant'].flatMap((name) =>
    Object.entries({
      ...sameFor('GET', [`/${name}/api/`, `/${name}/api/{path}`], api),
      ...sameFor('POST', [`/${name}/api/{path}`], api),
      ...sameFor('DELETE', [`/${name}/api/{path}`], api),
      ...sameFor('GET', [`/${name}/websocket`, `/${name}/api/websocket`], () => noUpgrade),
    }),
  ),
)
