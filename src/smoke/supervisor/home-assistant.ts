import type { JsonObject } from '../../core/json-fields.ts'

/** The version of Home Assistant that the mock names. */
export const homeAssistantVersion = '2026.8.0'

/** Maximum entities that an add-on can make, and characters of the attributes of one: they are kept until the test ends. */
const maxEntities = 500
const maxAttributes = 20_000

const startedAt = '2026-01-01T00:00:00+00:00'
export const context = { id: '01J00000000000000000000000', parent_id: null, user_id: null }

const entity = (entityId: string, state: string, attributes: JsonObject): JsonObject => ({
  entity_id: entityId,
  state,
  attributes,
  ...{ last_changed: startedAt, last_reported: startedAt, last_updated: startedAt, context },
})

/** The entities that every new installation has. */
export const initialEntities = (): Map<string, JsonObject> =>
  new Map(
    [
      entity('sun.sun', 'above_horizon', { friendly_name: 'Sun', elevation: 45, azimuth: 180, rising: false }),
      entity('zone.home', '0', {
        ...{ latitude: 0, longitude: 0, radius: 100, passive: false, persons: [], editable: true },
        ...{ icon: 'mdi:home', friendly_name: 'Home' },
      }),
    ].map((one) => [String(one.entity_id), one]),
  )

/** Keeps the state of an entity. Returns it, or why Home Assistant refuses it. */
export function setState(
  entities: Map<string, JsonObject>,
  id: string,
  state: string,
  attributes: JsonObject,
): JsonObject | string {
  if (!/^[a-z0-9_]{1,100}\.[a-z0-9_]{1,150}$/.test(id)) return 'Invalid entity ID specified.'
  if (state.length > 255) return 'Invalid state specified.'
  if (JSON.stringify(attributes).length > maxAttributes) return 'The attributes are too long for the test.'
  if (!entities.has(id) && entities.size >= maxEntities) return 'Too many entities for the test.'
  const made = entity(id, state, attributes)
  entities.set(id, made)
  return made
}

export const config: JsonObject = {
  ...{ allowlist_external_dirs: ['/media'], allowlist_external_urls: [], components: ['api', 'sun', 'zone'] },
  ...{ config_dir: '/config', config_source: 'storage', country: null, currency: 'EUR', debug: false },
  ...{ elevation: 0, external_url: null, internal_url: null, language: 'en', latitude: 0, longitude: 0 },
  ...{ location_name: 'Home', radius: 100, recovery_mode: false, safe_mode: false, state: 'RUNNING', time_zone: 'UTC' },
  unit_system: {
    ...{ length: 'km', accumulated_precipitation: 'mm', area: 'm²', mass: 'g', pressure: 'Pa' },
    ...{ temperature: '°C', volume: 'L', wind_speed: 'm/s' },
  },
  version: homeAssistantVersion,
  whitelist_external_dirs: ['/media'],
}

const service = (name: string): JsonObject => ({ name, description: '', fields: {} })

/** Services by domain. */
export const services: Readonly<Record<string, JsonObject>> = {
  homeassistant: {
    check_config: service('Check configuration'),
    reload_all: service('Reload all'),
    restart: service('Restart'),
    stop: service('Stop'),
  },
  persistent_notification: { create: service('Create'), dismiss: service('Dismiss') },
}

export const events = ['core_config_updated', 'homeassistant_started', 'service_registered', 'state_changed']
