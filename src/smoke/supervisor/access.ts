import type { IncomingHttpHeaders } from 'node:http'
import type { RunConfig } from '../../addon/addon.ts'

type Access = { readonly status: 200 } | { readonly status: 401 | 403; readonly reason: string }

type Rights = Pick<RunConfig, 'hassioApi' | 'hassioRole' | 'homeassistantApi' | 'authApi'>

/** The name of an add-on in a path. Source: Supervisor apps/const.py, RE_SLUG. */
const slug = '[-_.A-Za-z0-9]+'

/** Paths that no add-on may request. Source: Supervisor api/middleware/security.py, BLACKLIST. */
const blocked = /^\/(homeassistant|core)\/api\/hassio[/_]/

/** Paths that need no token. Those of Home Assistant have their own check. Source: the same file, no_security_check. */
const open = new RegExp(
  `^/((homeassistant|core)/(api/.*|websocket)|supervisor/ping|ingress/[-_A-Za-z0-9]+/.*|app/.*\\.(js|gz|json|map|woff2)|(store/)?addons/${slug}/(logo|icon))$`,
)

/** Paths that are open to every add-on, without `hassio_api`. Source: the same file, api_bypass. */
const allowedForAll = /^\/(addons\/self\/((?!security|update)[^/]+|options\/config)|info|services.*|discovery.*|auth)$/

/** Paths that only Home Assistant may request. Source: the same file, core_only. */
const onlyForCore = new RegExp(`^/addons/${slug}/sys_options$`)

/** Source: the same file, role_access. Each role also has what `default` has. */
const roles: Readonly<Record<string, RegExp>> = {
  default: /^\/.+\/info$/,
  homeassistant: /^\/(.+\/info|core\/.+|homeassistant\/.+)$/,
  backup: /^\/(.+\/info|backups.*)$/,
  manager: new RegExp(
    `^/(.+/info|addons(/${slug}/(?!security).+|/reload)?|auth/cache|available_updates|refresh_updates|(backups|mounts|snapshots|store).*|(audio|cli|core|dns|docker|jobs|hardware|homeassistant|host|multicast|network|observer|resolution|security|supervisor)/.+|os/(?!datadisk/wipe).+)$`,
  ),
  admin: /^/,
}

/** Paths of Home Assistant, which the Supervisor only proxies. They have their own access check. */
export const isProxied = (path: string): boolean => /^\/(core|homeassistant)\/(api\/|websocket$)/.test(path)

/** Pure: may an add-on with these rights request this path? The path is without its query. */
export function accessTo(path: string, rights: Rights): Access {
  if (blocked.test(path)) return { status: 403, reason: 'no add-on may request the Supervisor through Home Assistant' }
  if (isProxied(path)) {
    // The proxy responds with 401 here, not 403. Source: api/proxy.py, _check_access.
    return rights.homeassistantApi
      ? { status: 200 }
      : { status: 401, reason: 'config.yaml has no "homeassistant_api: true"' }
  }
  if (open.test(path)) return { status: 200 }
  // The second version of the API has the same rules with another name for add-ons. The Supervisor has it off.
  if (path.startsWith('/v2/')) return accessBelowVersion(path.slice(3).replace(/^\/apps/, '/addons'), rights)
  return accessBelowVersion(path, rights)
}

function accessBelowVersion(path: string, rights: Rights): Access {
  if (onlyForCore.test(path)) return { status: 403, reason: 'only Home Assistant may request it' }
  if (path === '/auth' && !rights.authApi) return { status: 403, reason: 'config.yaml has no "auth_api: true"' }
  if (allowedForAll.test(path)) return { status: 200 }
  if (!rights.hassioApi) return { status: 403, reason: 'config.yaml has no "hassio_api: true"' }
  // `hasOwn`, because the role is text from config.yaml, and `constructor` is a property of every object.
  const role = Object.hasOwn(roles, rights.hassioRole) ? roles[rights.hassioRole] : roles.default
  return role?.test(path)
    ? { status: 200 }
    : { status: 403, reason: `role "${rights.hassioRole}" has no access to this path` }
}

/** The token of a request, from any of the three headers, or from those that the proxy reads. Header names in lower case. */
export function tokenFrom(headers: IncomingHttpHeaders, path: string): string | undefined {
  if (isProxied(path)) {
    const [access] = [headers['x-ha-access']].flat()
    return headers.authorization?.split(' ').at(-1) ?? access
  }
  const bearer = headers.authorization?.match(/^Bearer\s+(\S+)$/i)?.[1]
  const [token] = [headers['x-supervisor-token'] || headers['x-hassio-key'] || undefined].flat()
  return bearer ?? token
}
