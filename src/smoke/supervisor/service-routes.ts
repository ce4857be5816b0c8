import { isJsonObject } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { isFlag, isObject, isText, withBody } from './body.ts'
import { slugOf } from './info.ts'
import { type ApiResponse, deniedResponse, errorResponse, okResponse } from './response.ts'
import type { Call, Routes } from './routes.ts'

const isPort = (value: unknown): boolean =>
  /^\d{1,5}$/.test(String(value)) && Number(value) >= 1 && Number(value) <= 65535
const login = { username: isText, password: isText }

/** Source: Supervisor services/modules. */
const kinds: Readonly<Record<string, { optional: Parameters<typeof withBody>[1]['optional']; defaults: object }>> = {
  mqtt: {
    optional: { ...login, ssl: isFlag, protocol: (value) => value === '3.1' || value === '3.1.1' },
    defaults: { ssl: false, protocol: '3.1.1' },
  },
  mysql: { optional: login, defaults: {} },
}

const onlyForCore = deniedResponse(401, 'only Home Assistant may read discovery messages')

/** Services that add-ons offer each other, and messages about new devices for Home Assistant. */
export const serviceRoutes: Routes = {
  'GET /services': (call) => {
    const names = [...new Set([...Object.keys(kinds), ...Object.keys(call.addon.services)])]
    return okResponse({
      services: names.map((slug) => {
        const provider = providerOf(call, slug)
        return { slug, available: provider !== undefined, providers: provider === undefined ? [] : [provider] }
      }),
    })
  },
  'GET /services/{service}': (call) => {
    const [name = ''] = call.parameters
    const refused = noService(call, name) ?? noAccess(call, name)
    if (refused) return refused
    const data = call.session.services.get(name) ?? givenData(call, name)
    // With an empty response and 200, add-ons would connect to a broker without a name.
    return data ? okResponse({ ...data, addon: providerOf(call, name) }) : errorResponse(400, 'Service not enabled')
  },
  'POST /services/{service}': (call) => {
    const [name = ''] = call.parameters
    const missing = noService(call, name)
    if (missing) return missing
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    return withBody(call.body, { required: { host: isText, port: isPort }, optional: kind?.optional ?? {} }, (body) => {
      const refused = noAccess(call, name)
      if (refused) return refused
      const app = providerOf(call, name)
      if (app !== undefined) {
        return errorResponse(409, `The ${name} service is already provided by ${app}`, {
          error_key: 'service_already_provided_error',
          extra_fields: { service: name, app },
        })
      }
      call.session.services.set(name, { ...kind?.defaults, ...body, port: Number(body.port) })
      return okResponse()
    })
  },
  'DELETE /services/{service}': (call) => {
    const [name = ''] = call.parameters
    const refused = noService(call, name) ?? noAccess(call, name)
    if (refused) return refused
    if (roleOf(call, name) !== 'provide') {
      const denied = `config.yaml has no "${name}:provide" under "services"`
      return { ...errorResponse(403, `No access to write ${name} service!`), denied }
    }
    return call.session.services.delete(name)
      ? okResponse()
      : errorResponse(404, `The ${name} service is not currently provided by any app`, {
          error_key: 'service_not_provided_error',
          extra_fields: { service: name },
        })
  },
  'GET /discovery': () => onlyForCore,
  'GET /discovery/{uuid}': () => onlyForCore,
  'POST /discovery': ({ body, addon, session }) =>
    withBody(body, { required: { service: isText, config: isObject } }, ({ service }) => {
      const name = String(service)
      if (!addon.run.discovery.includes(name)) {
        return {
          ...errorResponse(403, 'Apps must list services they provide via discovery in their config!'),
          denied: 'config.yaml does not list the service under "discovery"',
        }
      }
      const uuid =
        session.discovery.get(name) ?? `5e1f0000000040008000${String(session.discovery.size + 1).padStart(12, '0')}`
      session.discovery.set(name, uuid)
      return okResponse({ uuid })
    }),
  'DELETE /discovery/{uuid}': ({ parameters: [given], session }) => {
    const [service] = [...session.discovery].find(([, uuid]) => uuid === given) ?? []
    if (service === undefined) return errorResponse(404, 'Discovery message not found')
    session.discovery.delete(service)
    return okResponse()
  },
}

/** The slug of the add-on that provides a service. */
function providerOf({ addon, session }: Call, name: string): string | undefined {
  if (session.services.has(name)) return slugOf(addon)
  return Object.hasOwn(addon.services, name) ? 'core_mosquitto' : undefined
}

const givenData = ({ addon: { services } }: Call, name: string): object | undefined => {
  const given = Object.hasOwn(services, name) ? services[name] : undefined
  return isJsonObject(given) ? { ...(Object.hasOwn(kinds, name) && kinds[name]?.defaults), ...given } : undefined
}

/** The right of the add-on from `services: [mqtt:need]`. */
const roleOf = ({ addon }: Call, name: string): string | undefined =>
  addon.run.services.find((entry) => entry.startsWith(`${name}:`))?.slice(name.length + 1)

const noService = ({ addon }: Call, name: string): ApiResponse | undefined =>
  Object.hasOwn(kinds, name) || Object.hasOwn(addon.services, name)
    ? undefined
    : errorResponse(404, 'Service does not exist')

const noAccess = (call: Call, name: string): ApiResponse | undefined =>
  roleOf(call, name)
    ? undefined
    : {
        ...errorResponse(403, `No access to ${shorten(name, 100)} service!`),
        denied: 'config.yaml does not list it under "services"',
      }
