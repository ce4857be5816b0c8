import { fieldOf, isJsonObject, type JsonObject } from '../../core/json-fields.ts'

/**
 * The default options of an add-on, overridden by the user's: maps are merged, everything else is replaced.
 * Source: Supervisor apps/app.py, _OPTIONS_MERGER.
 */
export const mergeOptions = (defaults: JsonObject, given: JsonObject): JsonObject =>
  Object.fromEntries([
    ...Object.entries(defaults),
    ...Object.entries(given).map(([key, value]) => {
      const usual = fieldOf(defaults, key)
      return [key, isJsonObject(usual) && isJsonObject(value) ? mergeOptions(usual, value) : value]
    }),
  ])
