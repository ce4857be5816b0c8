import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { addLogins, prepareLogins } from '../../src/docker/login.ts'

const login = { registry: 'ghcr.io', username: 'me', password: 'a:b' }
const auth = Buffer.from('me:a:b').toString('base64')

describe('the logins of a run', () => {
  test.each([
    ['are the whole configuration if the user has none', {}, { auths: { 'ghcr.io': { auth } } }],
    [
      'replace the login of the user for the same registry, and keep the others',
      { currentContext: 'c', auths: { 'ghcr.io': { auth: 'old' }, 'quay.io': { auth: 'other' } } },
      { currentContext: 'c', auths: { 'ghcr.io': { auth }, 'quay.io': { auth: 'other' } } },
    ],
    [
      'take precedence over a credential store',
      { credsStore: 'desktop' },
      { credsStore: 'desktop', credHelpers: { 'ghcr.io': '' }, auths: { 'ghcr.io': { auth } } },
    ],
    [
      'replace the credential helper for that registry, and no other',
      { credHelpers: { 'ghcr.io': 'gh', 'gcr.io': 'gcloud' } },
      { credHelpers: { 'gcr.io': 'gcloud' }, auths: { 'ghcr.io': { auth } } },
    ],
    [
      'remove the list of helpers if it becomes empty',
      { credHelpers: { 'ghcr.io': 'gh' } },
      { auths: { 'ghcr.io': { auth } } },
    ],
  ])('%s', (_, config, expected) => {
    expect(addLogins(config, [login])).toEqual(expected)
  })

  test('use the name of Docker Hub that docker uses', () => {
    const { auths } = addLogins({}, [{ ...login, registry: 'docker.io' }])
    expect(auths).toEqual({ 'https://index.docker.io/v1/': { auth } })
  })
})

describe('the folder of a run', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'logins-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is not created without a login', async () => {
    expect(await prepareLogins([], { DOCKER_CONFIG: folder }, join(folder, 'run'))).toEqual({})
    expect(existsSync(join(folder, 'run'))).toBe(false)
  })

  test('has the logins, readable only by this user, and links to the other files of the user', async () => {
    const own = join(folder, 'own')
    mkdirSync(join(own, 'contexts'), { recursive: true })
    writeFileSync(join(own, 'config.json'), JSON.stringify({ currentContext: 'c' }))
    const run = join(folder, 'run')
    const made = join(run, 'docker-config')
    expect(await prepareLogins([login], { DOCKER_CONFIG: own }, run)).toEqual({
      DOCKER_CONFIG: made,
      BUILDX_CONFIG: join(own, 'buildx'),
    })
    const file = join(made, 'config.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ currentContext: 'c', auths: { 'ghcr.io': { auth } } })
    expect([statSync(made), statSync(file)].map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600])
    expect(readlinkSync(join(made, 'contexts'))).toBe(join(own, 'contexts'))
    expect(JSON.parse(readFileSync(join(own, 'config.json'), 'utf8'))).toEqual({ currentContext: 'c' })
  })

  test('is created if the user has none, and keeps the folder of buildx', async () => {
    const environment = { DOCKER_CONFIG: join(folder, 'none'), BUILDX_CONFIG: '/buildx' }
    const variables = await prepareLogins([login], environment, folder)
    expect(variables).toEqual({ DOCKER_CONFIG: join(folder, 'docker-config'), BUILDX_CONFIG: '/buildx' })
    // A link that is there already is no reason to fail.
    writeFileSync(join(folder, 'extra'), '')
    await prepareLogins([login], { DOCKER_CONFIG: folder }, join(folder, 'again'))
  })
})

describe('logins of this step', () => {
  const login = { registry: 'ghcr.io', username: 'me', password: 'secret' }
  const auth = Buffer.from('me:secret').toString('base64')

  test('are added to those of an earlier step', () => {
    expect(addLogins({ auths: { 'nas:5000': { auth: 'x' } } }, [login])).toEqual({
      auths: { 'nas:5000': { auth: 'x' }, 'ghcr.io': { auth } },
    })
  })

  test('do not hide, and are not hidden by, a credential store', () => {
    const helpers = { 'ghcr.io': 'own', 'gcr.io': 'gcloud' }
    expect(addLogins({ credsStore: 'desktop', auths: { 'nas:5000': {} }, credHelpers: helpers }, [login])).toEqual({
      credsStore: 'desktop',
      // No name: what stands in the file.
      credHelpers: { 'gcr.io': 'gcloud', 'ghcr.io': '' },
      auths: { 'nas:5000': {}, 'ghcr.io': { auth } },
    })
    expect(addLogins({ credHelpers: helpers }, [login]).credHelpers).toEqual({ 'gcr.io': 'gcloud' })
  })

  test('use the name under which Docker stores the login of Docker Hub', () => {
    const { auths } = addLogins({}, [{ ...login, registry: 'docker.io' }])
    expect(Object.keys(auths ?? {})).toEqual(['https://index.docker.io/v1/'])
  })
})
