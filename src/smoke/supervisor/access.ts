import type { IncomingHttpHeaders } from 'node:http'
import type { RunConfig } from '../../addon/addon.ts'

type Access = { readonly status: 200 } | { readonly status: 401 | 403; readonly message: string }

type Rights = Pick<RunConfig, 'hassioApi' | 'hassioRole' | 'homeassistantApi' | 'authApi'>

/** Paths that are open to every add-on, without `hassio_api`. Source: Supervisor api/middleware/security.py, ADDONS_API_BYPASS. */
const allowedForAll =
  /^\/(addons\/self\/(?!security|update)[^/]+|addons\/self\/options\/config|info|services.*|discovery.*|auth)$/

/** Source: the same file, ADDONS_ROLE_ACCESS. Each role also has what `default` has. */
const roles: Readonly<Record<string, RegExp>> = {
  default: /^\/.+\/info$/,
  homeassistant: /^\/(.+\/info|core\/.+|homeassistant\/.+)$/,
  backup: /^\/(.+\/info|backups.*)$/,
  manager:
    /^\/(.+\/info|addons(\/[^/]+\/(?!security).+|\/reload)?|audio\/.+|auth\/cache|available_updates|backups.*|cli\/.+|core\/.+|dns\/.+|docker\/.+|jobs\/.+|hardware\/.+|hassos\/.+|homeassistant\/.+|host\/.+|mounts.*|multicast\/.+|network\/.+|observer\/.+|os\/(?!datadisk\/wipe).+|refresh_updates|resolution\/.+|security\/.+|snapshots.*|store.*|supervisor\/.+)$/,
  admin: /^\/.*$/,
}

/** Paths of Home Assistant, which the Supervisor only proxies. They have their own access check. */
export const isProxied = (path: string): boolean => /^\/(core|homeassistant)\/(api|websocket)([/?]|$)/.test(path)

/** Pure: may an add-on with these rights request this path? The path is without its query. */
export function accessTo(path: string, rights: Rights): Access {
  if (isProxied(path)) {
    // The proxy responds with 401 here, not 403. Source: api/proxy.py, _check_access.
    return rights.homeassistantApi
      ? { status: 200 }
      : { status: 401, message: 'Unauthorized: config.yaml has no "homeassistant_api: true"' }
  }
  if (path === '/auth' && !rights.authApi) {
    return { status: 403, message: 'Can\'t use Home Assistant auth: config.yaml has no "auth_api: true"' }
  }
  if (allowedForAll.test(path)) return { status: 200 }
  if (!rights.hassioApi) return { status: 403, message: 'Forbidden: config.yaml has no "hassio_api: true"' }
  // `hasOwn`, because the role is text from config.yaml, and `constructor` is a property of every object.
  const role = Object.hasOwn(roles, rights.hassioRole) ? roles[rights.hassioRole] : roles.default
  return role?.test(path)
    ? { status: 200 }
    : { status: 403, message: `Forbidden: role "${rights.hassioRole}" has no access to this path` }
}

/** The token of a request, from any of the three headers. Header names in lower case. */
export function tokenFrom(headers: IncomingHttpHeaders): string | undefined {
  const bearer = headers.authorization?.match(/^Bearer\s+(\S+)$/i)?.[1]
  const [token] = [headers['x-supervisor-token'] || headers['x-hassio-key'] || undefined].flat()
  return bearer ?? token
}
