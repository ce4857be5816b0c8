import { shorten } from '../../core/text.ts'
import { isText, withBody } from './body.ts'
import { type AddonUnderTest, addonInfo, type Data, repositories, slugOf } from './info.ts'
import { errorResponse, okResponse, textResponse } from './response.ts'
import { type Answer, type Call, type Routes, sameFor } from './routes.ts'

/** Source of the keys: Supervisor api/store.py. */
const listed = [
  ...['advanced', 'arch', 'available', 'build', 'description', 'documentation', 'homeassistant', 'icon', 'logo'],
  ...['name', 'repository', 'slug', 'stage', 'update_available', 'url', 'version_latest', 'version'],
]
const detailed = [
  ...['apparmor', 'auth_api', 'detached', 'docker_api', 'full_access', 'hassio_api', 'hassio_role'],
  ...['homeassistant_api', 'host_network', 'host_pid', 'ingress', 'long_description', 'rating', 'signed'],
]

function storeEntry(addon: AddonUnderTest, keys: readonly string[]): Data {
  const info = addonInfo(addon)
  return { ...Object.fromEntries(keys.map((key) => [key, info[key]])), installed: true }
}

export const notInStore = ({ parameters: [slug = ''] }: Call): string =>
  `App ${shorten(slug, 100)} does not exist in the store`

/** What an add-on has in the store besides its data: nothing here. The Supervisor looks there for the literal `self`, too. */
const documents = [
  ['changelog', 200, 'text/plain'],
  ['documentation', 200, 'text/plain'],
  ['icon', 404, 'application/octet-stream'],
  ['logo', 404, 'application/octet-stream'],
] as const

/** The answer if the store has the add-on: it has only the one under test. */
const inStore =
  (answer: Answer): Answer =>
  (call) => {
    const [app = ''] = call.parameters
    return app === slugOf(call.addon)
      ? answer(call)
      : errorResponse(404, notInStore(call), {
          error_key: 'store_app_not_found_error',
          extra_fields: { app: shorten(app, 100) },
        })
  }

const repositoryOf = ({ parameters: [slug] }: Call): (typeof repositories)[number] | undefined =>
  repositories.find((one) => one.slug === slug)

const noRepository = ({ parameters: [slug = ''] }: Call) =>
  errorResponse(404, `Repository ${shorten(slug, 100)} does not exist in the store`)

/** The store, with nothing but the add-on under test and the built-in repositories. */
export const storeRoutes: Routes = {
  'GET /store': ({ addon }) => okResponse({ addons: [storeEntry(addon, listed)], repositories }),
  'GET /store/addons': ({ addon }) => okResponse({ addons: [storeEntry(addon, listed)] }),
  ...sameFor(
    'GET',
    ['/store/addons/{app}', '/store/addons/{app}/{version}'],
    inStore(({ addon }) => okResponse(storeEntry(addon, [...listed, ...detailed]))),
  ),
  'GET /store/addons/{app}/availability': inStore(() => okResponse()),
  ...Object.assign(
    {},
    ...documents.map(([name, status, type]) =>
      sameFor('GET', [`/addons/{app}/${name}`, `/store/addons/{app}/${name}`], (call) =>
        textResponse(notInStore(call), status, type),
      ),
    ),
  ),
  ...sameFor(
    'POST',
    ['/store/addons/{app}/install', '/store/addons/{app}/install/{version}'],
    inStore(({ addon }) => errorResponse(400, `App ${slugOf(addon)} is already installed`)),
  ),
  ...sameFor(
    'POST',
    ['/store/addons/{app}/update', '/store/addons/{app}/update/{version}'],
    inStore(({ addon }) => errorResponse(400, `No update available for app ${slugOf(addon)}`)),
  ),
  'POST /store/reload': () => okResponse(),
  'GET /store/repositories': () => okResponse(repositories),
  'POST /store/repositories': ({ body }) => withBody(body, { required: { repository: isText } }, () => okResponse()),
  'GET /store/repositories/{repository}': (call) => {
    const found = repositoryOf(call)
    return found ? okResponse(found) : noRepository(call)
  },
  'DELETE /store/repositories/{repository}': (call) =>
    repositoryOf(call) ? errorResponse(400, "Can't remove built-in repositories!") : noRepository(call),
  'POST /store/repositories/{repository}/repair': (call) => (repositoryOf(call) ? okResponse() : noRepository(call)),
}
