import { isError } from '../../core/diagnostics.ts'
import { isJsonObject, parseJsonText } from '../../core/json-fields.ts'
import { validateOptions } from '../options/schema.ts'
import { accessTo } from './access.ts'
import { type AddonUnderTest, addonInfo, infoEndpoints, rootInfo } from './info.ts'
import {
  type ApiRequest,
  type ApiResponse,
  deniedResponse,
  errorResponse,
  jsonResponse,
  okResponse,
  plainError,
} from './response.ts'

/** Pure: the Supervisor's response to an add-on with a valid token. */
export function respond(request: ApiRequest, addon: AddonUnderTest): ApiResponse {
  const [path = '/'] = request.path.split('?')
  const access = accessTo(path, addon.run)
  if (access.status !== 200) return deniedResponse(access.status, access.reason)
  return (
    respondToAddons(request, path, addon) ??
    respondToServices(request, path, addon) ??
    respondToCore(request, path, addon) ??
    respondToInfo(request, path, addon) ?? { ...plainError(404), unknown: true }
  )
}

const noUsage = {
  ...{ cpu_percent: 0, memory_usage: 0, memory_limit: 0, memory_percent: 0 },
  ...{ network_rx: 0, network_tx: 0, blk_read: 0, blk_write: 0 },
}

function respondToAddons({ method, body }: ApiRequest, path: string, addon: AddonUnderTest): ApiResponse | undefined {
  const [, slug, action] = path.match(/^\/addons\/([^/]+)\/(.+)$/) ?? []
  if (slug === undefined) return undefined
  // The real slug has the repository as prefix: `local_my_addon`.
  const isOwn = ['self', addon.slug, `local_${addon.slug}`].includes(slug)
  if (!isOwn) return errorResponse(404, `Addon ${slug} does not exist`)
  if (method === 'GET') {
    if (action === 'info') return okResponse(addonInfo(addon))
    if (action === 'options/config') return okResponse(addon.options)
    if (action === 'stats') return okResponse(noUsage)
  }
  if (method !== 'POST') return undefined
  if (action === 'options') return parse(body) ? okResponse() : errorResponse(400, 'Invalid json')
  if (action === 'options/validate') return validateResponse(body, addon)
  if (action === 'stop' || action === 'restart') return { ...okResponse(), lifecycleRequest: action }
  return undefined
}

function validateResponse(body: string, { options, run, patterns }: AddonUnderTest): ApiResponse {
  const given = body.trim() ? parse(body) : options
  if (!given) return errorResponse(400, 'Invalid json')
  const { problems } = validateOptions(given, run.schema, { compare: patterns?.() })
  const errors = problems.filter(isError)
  return okResponse({
    valid: errors.length === 0,
    message: errors.map(({ message }) => message).join(' '),
    pwned: false,
  })
}

function respondToServices(
  { method }: ApiRequest,
  path: string,
  { services }: AddonUnderTest,
): ApiResponse | undefined {
  if (path === '/services' && method === 'GET') {
    return okResponse({
      services: [...new Set(['mqtt', 'mysql', ...Object.keys(services)])].map((slug) => ({
        slug,
        available: Object.hasOwn(services, slug),
        providers: Object.hasOwn(services, slug) ? ['smoke_test'] : [],
      })),
    })
  }
  const [, slug] = path.match(/^\/services\/([^/]+)$/) ?? []
  if (slug === undefined) return undefined
  // With an empty response and 200, add-ons would connect to a broker without a name.
  if (method === 'GET') {
    return Object.hasOwn(services, slug) ? okResponse(services[slug]) : errorResponse(400, 'Service not enabled')
  }
  return method === 'POST' || method === 'DELETE' ? okResponse() : undefined
}

/** Home Assistant, through the proxy: without the envelope of the Supervisor. */
function respondToCore({ method }: ApiRequest, path: string, addon: AddonUnderTest): ApiResponse | undefined {
  const [, rest] = path.match(/^\/(?:core|homeassistant)\/api(\/.*)$/) ?? []
  if (rest === undefined) return undefined
  const bare = jsonResponse
  switch (rest) {
    case '/':
      return bare({ message: 'API running.' })
    case '/config':
      return bare({
        components: ['api'],
        config_dir: '/config',
        currency: 'EUR',
        elevation: 0,
        latitude: 0,
        longitude: 0,
        location_name: 'Home',
        time_zone: 'UTC',
        unit_system: { length: 'km', mass: 'g', temperature: '°C', volume: 'L' },
        version: rootInfo(addon).homeassistant,
        state: 'RUNNING',
        safe_mode: false,
      })
    case '/states':
    case '/services':
    case '/events':
      return bare([])
  }
  if (method === 'POST' && /^\/(states|events|services)\//.test(rest)) return bare([])
  if (/^\/states\//.test(rest)) return jsonResponse({ message: 'Entity not found.' }, 404)
  return undefined
}

function respondToInfo({ method, body }: ApiRequest, path: string, addon: AddonUnderTest): ApiResponse | undefined {
  if (method === 'GET' || method === 'HEAD') {
    if (path === '/info') return okResponse(rootInfo(addon))
    if (path === '/discovery') return okResponse({ discovery: [], services: {} })
    const endpoint = infoEndpoints[path]
    return endpoint && okResponse(endpoint(addon))
  }
  if (method === 'POST') {
    // No add-on announces two services in one test, so the ID can be constant.
    if (path === '/discovery')
      return parse(body) ? okResponse({ uuid: '5e1f0000000040008000000000000001' }) : errorResponse(400, 'Invalid json')
    if (path === '/auth') return errorResponse(401, 'Invalid username or password')
  }
  if (method === 'DELETE' && path.startsWith('/discovery/')) return okResponse()
  return undefined
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJsonText(text)
  return isJsonObject(value) ? value : undefined
}
