import { isError } from '../../core/diagnostics.ts'
import { isJsonObject, type JsonObject, parseJsonText } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { withFloats } from '../options/floats.ts'
import { validateOptions } from '../options/schema.ts'
import { isFlag, isObject, isText, orNull, withBody } from './body.ts'
import { type AddonUnderTest, addonInfo, addonSummary, slugOf } from './info.ts'
import { noUsage } from './machine-info.ts'
import { type ApiResponse, errorResponse, okResponse, plainError } from './response.ts'
import type { Answer, Call, Routes } from './routes.ts'
import { optionsAfter } from './session-state.ts'
import { notInStore } from './store-routes.ts'

/** The answer if the add-on of the path is the one under test: the only one that is installed. */
const own =
  (answer: Answer): Answer =>
  (call) => {
    const [slug = ''] = call.parameters
    return slug === 'self' || slug === slugOf(call.addon)
      ? answer(call)
      : errorResponse(404, `App ${shorten(slug, 100)} does not exist`)
  }

const lifecycle = (lifecycleRequest: NonNullable<ApiResponse['lifecycleRequest']>): Answer =>
  own(() => ({ ...okResponse(), lifecycleRequest }))

/** The add-on itself, and those that are not installed. */
export const addonRoutes: Routes = {
  'GET /addons': ({ addon }) => okResponse({ addons: [addonSummary(addon)] }),
  'POST /addons/reload': () => okResponse(),
  'GET /addons/{app}/info': own((call) =>
    okResponse({ ...addonInfo(call.addon), ...call.session.settings, options: optionsOf(call) }),
  ),
  'GET /addons/{app}/options/config': own((call) => okResponse(optionsOf(call))),
  'GET /addons/{app}/stats': own(() => okResponse(noUsage)),
  'POST /addons/{app}/options': own(setOptions),
  'POST /addons/{app}/options/validate': own(validate),
  'POST /addons/{app}/stdin': own(({ addon }) =>
    addon.run.featureFlags.has('stdin')
      ? okResponse()
      : errorResponse(400, `App ${slugOf(addon)} does not support writing to stdin`, {
          error_key: 'app_not_supported_write_stdin_error',
          extra_fields: { app: slugOf(addon) },
        }),
  ),
  'POST /addons/{app}/security': own(({ body }) =>
    withBody(body, { optional: { protected: isFlag } }, () => okResponse()),
  ),
  // Only Home Assistant may request it.
  'POST /addons/{app}/sys_options': () => plainError(403),
  'POST /addons/{app}/start': own(() => okResponse()),
  'POST /addons/{app}/stop': lifecycle('stop'),
  'POST /addons/{app}/restart': lifecycle('restart'),
  'POST /addons/{app}/rebuild': lifecycle('rebuild'),
  'POST /addons/{app}/uninstall': lifecycle('uninstall'),
  'POST /addons/{app}/update': own(() => errorResponse(400, 'No update available for app')),
  'POST /addons/{app}/install': (call) => errorResponse(404, notInStore(call)),
}

const optionsOf = ({ addon, session }: Pick<Call, 'addon' | 'session'>): unknown =>
  withFloats(optionsAfter(session, addon.run.options, addon.options), addon.run.schema)

/** Source: Supervisor api/apps.py, SCHEMA_OPTIONS. */
const settings = {
  boot: (value: unknown) => value === 'auto' || value === 'manual',
  network: orNull(isObject),
  auto_update: isFlag,
  audio_output: orNull(isText),
  audio_input: orNull(isText),
  ingress_panel: isFlag,
  watchdog: isFlag,
}

function setOptions({ body, addon, session }: Call): ApiResponse {
  return withBody(body, { optional: { ...settings, options: orNull(isObject) } }, ({ options, ...others }) => {
    if (isJsonObject(options)) {
      const checked = check(options, addon)
      if (checked.message) {
        return errorResponse(400, `App ${slugOf(addon)} has invalid options: ${checked.message}`, {
          error_key: 'app_configuration_invalid_error',
          extra_fields: { app: slugOf(addon), validation_error: checked.message },
        })
      }
      session.options = checked.options
    } else if (options === null) session.options = {}
    session.settings = { ...session.settings, ...others }
    return okResponse()
  })
}

function validate({ body, addon, session }: Call): ApiResponse {
  const given = parseJsonText(body.trim() || '{}')
  if (!isJsonObject(given)) return errorResponse(400, 'Invalid json')
  const isEmpty = Object.keys(given).length === 0
  const { message } = check(isEmpty ? optionsAfter(session, addon.run.options, addon.options) : given, addon)
  return okResponse({ message, valid: message === '', pwned: false })
}

function check(given: JsonObject, { run, patterns }: AddonUnderTest): { options: JsonObject; message: string } {
  const { options, problems } = validateOptions(given, run.schema, { compare: patterns?.() })
  return {
    options,
    message: problems
      .filter(isError)
      .map(({ message }) => message)
      .join(' '),
  }
}
