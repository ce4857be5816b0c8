import type { JsonObject } from '../../core/json-fields.ts'
import { mergeOptions } from '../options/merge.ts'
import { initialEntities } from './home-assistant.ts'

/** What an add-on has changed with its requests, so that its later requests see it. */
export interface SessionState {
  /** Undefined: as the test has set them. */
  options: JsonObject | undefined
  /** The other keys of `POST /addons/self/options`, such as `boot`. */
  settings: JsonObject
  /** Data of the services that the add-on provides. */
  readonly services: Map<string, JsonObject>
  /** Identifiers of its discovery messages, by service. */
  readonly discovery: Map<string, string>
  /** Entities of Home Assistant, by identifier. */
  readonly entities: Map<string, JsonObject>
}

export const newSessionState = (): SessionState => ({
  options: undefined,
  settings: {},
  services: new Map(),
  discovery: new Map(),
  entities: initialEntities(),
})

/** The options that the add-on has set, merged with the defaults in config.yaml; those of the test if it has set none. */
export const optionsAfter = (
  state: Pick<SessionState, 'options'> | undefined,
  defaults: JsonObject,
  ofTest: JsonObject,
): JsonObject => (state?.options ? mergeOptions(defaults, state.options) : ofTest)
