import { isJsonObject, parseJsonText } from '../../core/json-fields.ts'
import { shorten } from '../../core/text.ts'
import { isAny, withBody } from './body.ts'
import { coreInfo, rootInfo, slugOf, supervisorInfo } from './info.ts'
import { pluginVersion } from './machine-info.ts'
import { errorResponse, okResponse, plainError, textResponse } from './response.ts'
import { type Answer, type Routes, sameFor } from './routes.ts'
import { followedSupervisor } from './version.ts'

/** Commands that succeed and change nothing in the test. */
const commands = [
  ...['/audio/reload', '/audio/restart', '/backups/freeze', '/backups/options', '/backups/reload', '/backups/thaw'],
  ...['/cli/update', '/dns/options', '/dns/reset', '/dns/restart', '/docker/options', '/docker/registries'],
  ...['/docker/migrate-storage-driver', '/host/options', '/host/reboot', '/host/reload', '/host/shutdown'],
  ...['/jobs/options', '/jobs/reset', '/mounts/options', '/multicast/restart', '/network/reload', '/observer/update'],
  ...['/os/update', '/refresh_updates', '/reload_updates', '/resolution/check/{check}/options'],
  ...['/resolution/check/{check}/run', '/resolution/healthcheck', '/security/integrity', '/security/options'],
  ...['/supervisor/options', '/supervisor/reload', '/supervisor/repair', '/supervisor/restart', '/auth/reset'],
  ...['core', 'homeassistant'].flatMap((part) =>
    ['check', 'options', 'rebuild', 'restart', 'start', 'stop', 'update'].map((command) => `/${part}/${command}`),
  ),
]

/** Commands that need keys, and succeed with them. */
const keysOfCommands: Readonly<Record<string, readonly string[]>> = {
  '/audio/default/{source}': ['name'],
  '/audio/profile': ['card', 'name'],
  '/audio/volume/{source}': ['index', 'volume'],
  '/audio/volume/{source}/application': ['index', 'volume'],
  '/audio/mute/{source}': ['active', 'index'],
  '/audio/mute/{source}/application': ['active', 'index'],
  '/os/boot-slot': ['boot_slot'],
  '/os/datadisk/move': ['device'],
}

/** Source: Supervisor mounts/validate.py. */
const createMount: Answer = ({ body }) => {
  const given = parseJsonText(body)
  const where = isJsonObject(given) && given.type === 'nfs' ? 'path' : 'share'
  const required = Object.fromEntries(['name', 'server', 'type', 'usage', where].map((key) => [key, isAny]))
  return withBody(body, { required, ignoreOthers: true }, () => okResponse())
}

const accepting =
  (required: readonly string[]): Answer =>
  ({ body }) =>
    withBody(body, { required: Object.fromEntries(required.map((key) => [key, isAny])) }, () => okResponse())

/** Logs have no lines: the test keeps the output of the add-on itself, and nothing else runs. */
const logs = ['addons/{app}', 'audio', 'core', 'dns', 'homeassistant', 'host', 'multicast', 'supervisor'].flatMap(
  (part) =>
    ['', '/follow', '/latest', '/boots/{bootid}', '/boots/{bootid}/follow'].map((which) => `/${part}/logs${which}`),
)
const hostLogs = ['/host/logs', '/host/logs/boots/{bootid}'].flatMap((start) =>
  ['', '/follow'].map((end) => `${start}/identifiers/{identifier}${end}`),
)

const notFound =
  (message: (name: string) => string): Answer =>
  ({ parameters: [name = ''] }) =>
    errorResponse(404, message(shorten(name, 100)))

/** Issues and suggestions, which have an identifier each. */
const noProblem =
  (kind: 'Issue' | 'Suggestion'): Answer =>
  ({ parameters: [uuid = ''] }) =>
    errorResponse(404, `${kind} ${shorten(uuid, 100)} does not exist`, {
      error_key: `resolution_${kind.toLowerCase()}_not_found_error`,
      extra_fields: { uuid: shorten(uuid, 100) },
    })

const noBackup = notFound(() => 'Backup does not exist')
const noMount = notFound((name) => `No mount exists with name ${name}`)
const noJob = notFound(() => 'Job does not exist')
const blocked =
  (what: string): Answer =>
  () =>
    errorResponse(400, `'${what}' blocked from execution, no Home Assistant OS available`)

/** The identifier of the one backup that a test can ask for; it is not kept. */
const newBackup = { slug: 'abc12345', job_id: '00000000000000000000000000000001' }

/** The Supervisor, Home Assistant, and what belongs to no other table. */
export const systemRoutes: Routes = {
  ...sameFor('POST', commands, () => okResponse()),
  ...Object.fromEntries(Object.entries(keysOfCommands).map(([path, keys]) => [`POST ${path}`, accepting(keys)])),
  ...sameFor('GET', [...logs, ...hostLogs], () => textResponse('', 200, 'text/plain')),
  'GET /info': ({ addon }) => okResponse(rootInfo(addon)),
  'GET /supervisor/info': ({ addon }) => okResponse(supervisorInfo(addon)),
  ...sameFor('GET', ['/core/info', '/homeassistant/info'], ({ addon }) => okResponse(coreInfo(addon))),
  'GET /supervisor/ping': () => okResponse(),
  ...sameFor('GET', ['/available_updates', '/supervisor/available_updates'], () =>
    okResponse({ available_updates: [] }),
  ),
  'POST /supervisor/update': () => errorResponse(400, `No supervisor update available - ${followedSupervisor}.0`),
  ...sameFor('POST', ['/audio/update', '/dns/update', '/multicast/update'], () =>
    errorResponse(400, `Version ${pluginVersion} is already in use`),
  ),
  'GET /app': () => plainError(404),
  // No user exists, so every login fails.
  'GET /auth': () => plainError(401),
  'POST /auth': () => plainError(401),
  'GET /auth/list': () => okResponse({ users: [] }),
  'DELETE /auth/cache': () => okResponse(),
  'GET /ingress/panels': ({ addon }) =>
    okResponse({
      panels: addon.run.ingress
        ? { [slugOf(addon)]: { title: addon.name, icon: 'mdi:puzzle', admin: true, enable: false } }
        : {},
    }),
  // Only Home Assistant has sessions.
  ...sameFor('POST', ['/ingress/session', '/ingress/validate_session', '/ingress/{token}/{path}'], () =>
    plainError(401),
  ),
  'GET /ingress/{token}/{path}': () => plainError(401),
  'GET /backups': () => okResponse({ backups: [] }),
  'GET /backups/info': () => okResponse({ backups: [], days_until_stale: 30 }),
  ...sameFor('GET', ['/backups/{slug}/info', '/backups/{slug}/download'], noBackup),
  'DELETE /backups/{slug}': noBackup,
  ...sameFor('POST', ['/backups/{slug}/restore/full', '/backups/{slug}/restore/partial'], noBackup),
  ...sameFor('POST', ['/backups/new/full', '/backups/new/partial', '/backups/new/upload'], () => okResponse(newBackup)),
  'GET /jobs/info': () => okResponse({ ignore_conditions: [], jobs: [] }),
  'GET /jobs/{uuid}': noJob,
  'DELETE /jobs/{uuid}': noJob,
  'GET /mounts': () => okResponse({ default_backup_mount: null, mounts: [] }),
  'POST /mounts': createMount,
  'POST /mounts/{mount}/reload': noMount,
  'PUT /mounts/{mount}': noMount,
  'DELETE /mounts/{mount}': noMount,
  'DELETE /docker/registries/{hostname}': notFound((name) => `Hostname ${name} does not exist in registries`),
  'POST /network/interface/{interface}/update': ({ body }) =>
    body.trim() === '' || body.trim() === '{}'
      ? errorResponse(400, 'You need to supply at least one option to update')
      : okResponse(),
  'POST /network/interface/{interface}/vlan/{vlan}': () => okResponse(),
  'POST /os/config/sync': blocked('OSManager.config_sync'),
  'POST /os/datadisk/wipe': blocked('DataDisk.wipe_disk'),
  'GET /resolution/info': () =>
    okResponse({
      ...{ unsupported: [], unhealthy: [], suggestions: [], issues: [] },
      checks: [{ enabled: true, slug: 'free_space' }],
    }),
  'GET /resolution/issue/{issue}/suggestions': noProblem('Issue'),
  'DELETE /resolution/issue/{issue}': noProblem('Issue'),
  'POST /resolution/suggestion/{suggestion}': noProblem('Suggestion'),
  'DELETE /resolution/suggestion/{suggestion}': noProblem('Suggestion'),
  'GET /security/info': () => okResponse({ pwned: true, force_security: false }),
}
