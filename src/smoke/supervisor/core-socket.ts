import { fieldOf, parseJsonText, textOf } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { config, context, homeAssistantVersion, services } from './home-assistant.ts'
import type { SessionState } from './session-state.ts'

export interface CoreSocket {
  /** Messages to send to the client. */
  readonly send: (message: object) => void
  /** Ends the connection. */
  readonly end: () => void
}

interface Login {
  /** The session of the add-on; undefined if it may not connect. */
  authenticate(token: string): SessionState | undefined
  /** A command that the mock does not implement. */
  onUnknown(type: string): void
}

/**
 * The WebSocket of Home Assistant, through the proxy of the Supervisor: the returned function takes the messages of the client.
 * Source: Supervisor api/proxy.py, websocket; Home Assistant, WebSocket API.
 */
export function serveCoreSocket({ send, end }: CoreSocket, { authenticate, onUnknown }: Login): (text: string) => void {
  let session: SessionState | undefined
  send({ type: 'auth_required', ha_version: homeAssistantVersion })
  return (text) => {
    const message = parseJsonText(text)
    if (session) {
      // A list has several commands.
      for (const one of Array.isArray(message) ? message.slice(0, 100) : [message]) {
        send(responseTo(one, session, onUnknown))
      }
      return
    }
    session = authenticate(textOf(message, 'api_password') || textOf(message, 'access_token'))
    if (session) send({ type: 'auth_ok', ha_version: homeAssistantVersion })
    else {
      send({ type: 'auth_invalid', message: 'Invalid access' })
      end()
    }
  }
}

function responseTo(message: unknown, { entities }: SessionState, onUnknown: Login['onUnknown']): object {
  const id = fieldOf(message, 'id')
  const type = textOf(message, 'type')
  const result = (data: unknown) => ({ id, type: 'result', success: true, result: data })
  const failure = (code: string, reason: string) => ({
    ...{ id: id ?? null, type: 'result', success: false },
    error: { code, message: reason },
  })
  if (/^(supervisor|hassio)\//.test(type)) return failure('unauthorized', 'Unauthorized')
  if (typeof id !== 'number') return failure('invalid_format', 'Message incorrectly formatted.')
  switch (type) {
    case 'ping':
      return { id, type: 'pong' }
    case 'get_states':
      return result([...entities.values()])
    case 'get_config':
      return result(config)
    case 'get_services':
      return result(services)
    case 'get_panels':
      return result({})
    case 'subscribe_events':
    case 'unsubscribe_events':
    case 'subscribe_trigger':
    case 'supported_features':
      return result(null)
    case 'call_service':
      return result({ context, response: null })
    case 'fire_event':
      return result({ context })
    case 'config/area_registry/list':
    case 'config/device_registry/list':
    case 'config/entity_registry/list':
      return result([])
  }
  onUnknown(shorten(type, 100))
  return failure('unknown_command', 'Unknown command.')
}
