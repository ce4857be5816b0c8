import { validateOptions } from '../options/schema.ts'
import { accessTo } from './access.ts'
import { addonInfo, type Resident, rootInfo, secondTier } from './facts.ts'

export interface Request {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string
}

export interface Reply {
  readonly status: number
  /** Sent as JSON. */
  readonly body: unknown
  /** Not of the table: the report lists it. */
  readonly unknown?: true
  /** The add-on asked to be stopped or restarted. */
  readonly asks?: 'stop' | 'restart'
}

const ok = (data: unknown = {}): Reply => ({ status: 200, body: { result: 'ok', data } })
export const refused = (status: number, message: string): Reply => ({ status, body: { result: 'error', message } })

/** Pure: what the Supervisor says to an add-on whose token is right. See "At run time" in the facts about Home Assistant. */
export function answer(request: Request, resident: Resident): Reply {
  const path = decode(request.path)
  const access = accessTo(path, resident.run)
  if (access.status !== 200) return refused(access.status, access.message)
  return (
    fromAddon(request, path, resident) ??
    fromServices(request, path, resident) ??
    fromCore(request, path, resident) ??
    fromTable(request, path, resident) ?? { ...refused(404, 'Not found'), unknown: true }
  )
}

function decode(path: string): string {
  const [bare = '/'] = path.split('?')
  const clean = bare.replace(/\/{2,}/g, '/')
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean
}

function fromAddon({ method, body }: Request, path: string, resident: Resident): Reply | undefined {
  const [, slug, action] = path.match(/^\/addons\/([^/]+)\/(.+)$/) ?? []
  if (slug === undefined) return undefined
  // Real slugs have a prefix of their repository: `local_my_addon`.
  const own = ['self', resident.slug, `local_${resident.slug}`].includes(slug)
  if (!own) return refused(404, `Addon ${slug} does not exist`)
  if (method === 'GET') {
    if (action === 'info') return ok(addonInfo(resident))
    if (action === 'options/config') return ok(resident.options)
    if (action === 'stats') {
      return ok({
        cpu_percent: 0,
        memory_usage: 0,
        memory_limit: 0,
        memory_percent: 0,
        network_rx: 0,
        network_tx: 0,
        blk_read: 0,
        blk_write: 0,
      })
    }
  }
  if (method !== 'POST') return undefined
  if (action === 'options') return parse(body) ? ok() : refused(400, 'Invalid json')
  if (action === 'options/validate') return validated(body, resident)
  if (action === 'stop' || action === 'restart') return { ...ok(), asks: action }
  return undefined
}

function validated(body: string, { options, run, patterns }: Resident): Reply {
  const given = body.trim() ? parse(body) : options
  if (!given) return refused(400, 'Invalid json')
  const { problems } = validateOptions(given, run.schema, undefined, undefined, patterns?.())
  const broken = problems.filter(({ severity }) => severity === 'error')
  return ok({ valid: broken.length === 0, message: broken.map(({ message }) => message).join(' '), pwned: false })
}

function fromServices({ method }: Request, path: string, { services }: Resident): Reply | undefined {
  if (path === '/services' && method === 'GET') {
    return ok({
      services: [...new Set(['mqtt', 'mysql', ...Object.keys(services)])].map((slug) => ({
        slug,
        available: Object.hasOwn(services, slug),
        providers: Object.hasOwn(services, slug) ? ['smoke_test'] : [],
      })),
    })
  }
  const [, slug] = path.match(/^\/services\/([^/]+)$/) ?? []
  if (slug === undefined) return undefined
  // An empty answer with 200 would make add-ons believe in a broker without a name.
  if (method === 'GET') {
    return Object.hasOwn(services, slug) ? ok(services[slug]) : refused(400, 'Service not enabled')
  }
  return method === 'POST' || method === 'DELETE' ? ok() : undefined
}

/** Home Assistant itself, through the proxy: without the envelope. */
function fromCore({ method }: Request, path: string, resident: Resident): Reply | undefined {
  const [matched, below] = path.match(/^\/(?:core|homeassistant)\/api(\/.*)?$/) ?? []
  if (matched === undefined) return undefined
  const rest = below ?? '/'
  const bare = (body: unknown): Reply => ({ status: 200, body })
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
        version: rootInfo(resident).homeassistant,
        state: 'RUNNING',
        safe_mode: false,
      })
    case '/states':
    case '/services':
    case '/events':
      return bare([])
  }
  if (method === 'POST' && /^\/(states|events|services)\//.test(rest)) return bare([])
  if (/^\/states\//.test(rest)) return { status: 404, body: { message: 'Entity not found.' } }
  return undefined
}

function fromTable({ method, body }: Request, path: string, resident: Resident): Reply | undefined {
  if (method === 'GET' || method === 'HEAD') {
    if (path === '/info') return ok(rootInfo(resident))
    if (path === '/discovery') return ok({ discovery: [], services: {} })
    const known = secondTier[path]
    return known && ok(known(resident))
  }
  if (method === 'POST') {
    // Nobody asks it twice, so one name is as good as a random one.
    if (path === '/discovery')
      return parse(body) ? ok({ uuid: '5e1f0000000040008000000000000001' }) : refused(400, 'Invalid json')
    if (path === '/auth') return refused(401, 'Invalid username or password')
  }
  if (method === 'DELETE' && path.startsWith('/discovery/')) return ok()
  return undefined
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
