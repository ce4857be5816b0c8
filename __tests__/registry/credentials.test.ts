import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createProcesses } from '../../src/platform/processes.ts'
import { dockerConfigFolder, findCredentials, keyOf, readDockerConfig } from '../../src/registry/credentials.ts'
import { addonOf, type Distribution, openClient, startDistribution } from './distribution.ts'

let registry: Distribution
let folder: string
beforeEach(async () => {
  registry = await startDistribution()
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-credentials-'))
})
afterEach(() => Promise.all([registry.close(), rm(folder, { recursive: true })]))

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Writes config.json as it is and looks for a login there. */
async function find(config: unknown, name = 'r.example', logins: Parameters<typeof findCredentials>[0] = []) {
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  const processes = createProcesses({ PATH: `${folder}:${process.env.PATH}`, DOCKER_CONFIG: folder })
  return findCredentials(logins, await readDockerConfig(folder), processes)(name)
}

/** An executable `docker-credential-NAME` that notes what it is asked and does what the lines say. */
async function helper(name: string, ...does: readonly string[]): Promise<void> {
  const path = join(folder, `docker-credential-${name}`)
  await writeFile(path, ['#!/bin/sh', `{ echo "$@"; cat; } > "${folder}/asked-${name}"`, ...does, ''].join('\n'))
  await chmod(path, 0o755)
}
const gives = (answer: unknown): string =>
  `cat <<'END'\n${typeof answer === 'string' ? answer : JSON.stringify(answer)}\nEND`
const asked = (name: string): Promise<string | undefined> =>
  readFile(join(folder, `asked-${name}`), 'utf8').then(
    (text) => text.replaceAll('\n', ' '),
    () => undefined,
  )

describe('config.json', () => {
  test.each<[string, unknown, unknown]>([
    ['a login', { auth: base64('me:pass') }, { username: 'me', password: 'pass' }],
    ['a password with colons', { auth: base64('me:a:b') }, { username: 'me', password: 'a:b' }],
    ['user and password', { username: 'me', password: 'pass' }, { username: 'me', password: 'pass' }],
    ['an identity token', { identitytoken: 'idt' }, { username: '<token>', password: 'idt' }],
    [
      'an identity token beside a login',
      { auth: base64('me:'), identitytoken: 'idt' },
      { username: '<token>', password: 'idt' },
    ],
    ['no colon', { auth: base64('me') }, undefined],
    ['an empty entry, as of a credential store', {}, undefined],
    ['a user alone', { username: 'me' }, undefined],
    ['a password alone', { password: 'pass' }, undefined],
    ['a number for a login', { auth: 7 }, undefined],
    ['a list for a token', { identitytoken: ['x'], auth: base64('me:pass') }, { username: 'me', password: 'pass' }],
    ['an object for a password', { username: 'me', password: {} }, undefined],
    ['null', null, undefined],
    ['a text', 'me:pass', undefined],
  ])('with %s', async (_, entry, expected) => {
    expect(await find({ auths: { 'r.example': entry } })).toEqual(expected)
  })

  test.each([
    ['r.example', 'https://r.example/v1/'],
    ['r.example', 'HTTP://R.example'],
    ['docker.io', 'https://index.docker.io/v1/'],
    ['docker.io', 'registry-1.docker.io'],
  ])('has the login of %s under %s', async (name, key) => {
    expect(await find({ auths: { other: {}, [key]: { auth: base64('me:pass') } } }, name)).toBeDefined()
  })

  test.each(['', 'null', '7', '{', '[]', '"x"', '{"auths":null}', '{"auths":7}', '{"credHelpers":null}'])(
    'that says %j has no login',
    async (config) => {
      expect(await find(config)).toBeUndefined()
    },
  )

  test('that is not there has no login, and one of another registry is not taken', async () => {
    expect(await readDockerConfig(join(folder, 'none'))).toEqual({})
    expect(await find({ auths: { 'other.example': { auth: base64('me:pass') } } })).toBeUndefined()
  })

  test('comes after the inputs of the step', async () => {
    const login = { registry: 'R.Example', username: 'step', password: 'own' }
    const config = { credsStore: 'none', auths: { 'r.example': { auth: base64('me:pass') } } }
    expect(await find(config, 'r.example', [login])).toEqual({ username: 'step', password: 'own' })
    expect(await find(config, 'r.example', [{ ...login, registry: 'other.example' }])).toEqual({
      username: 'me',
      password: 'pass',
    })
  })

  test('is where DOCKER_CONFIG or HOME says', () => {
    expect(dockerConfigFolder({ DOCKER_CONFIG: '/x', HOME: '/home/me' })).toBe('/x')
    expect(dockerConfigFolder({ DOCKER_CONFIG: '', HOME: '/home/me' })).toBe('/home/me/.docker')
    expect(dockerConfigFolder({})).toMatch(/.\/\.docker$/)
  })

  test.each([
    ['docker.io', 'https://index.docker.io/v1/'],
    ['index.docker.io', 'https://index.docker.io/v1/'],
    ['https://registry-1.docker.io/v2/', 'https://index.docker.io/v1/'],
    ['GHCR.io', 'ghcr.io'],
    ['http://nas:5000/x/y', 'nas:5000'],
    ['x.https://nas', 'x.https:'],
  ])('knows %s as %s', (name, key) => {
    expect(keyOf(name)).toBe(key)
  })
})

describe('a credential helper', () => {
  const login = { ServerURL: 'r.example', Username: 'me', Secret: 'from-helper' }
  const auths = { 'r.example': { auth: base64('me:from-file') } }

  test.each([
    ['credHelpers', { credHelpers: { 'https://r.example': 'one' }, auths }],
    ['credsStore', { credsStore: 'one', auths }],
    ['credHelpers before credsStore', { credHelpers: { 'r.example': 'one' }, credsStore: 'two', auths }],
    ['credsStore for other registries', { credHelpers: { 'other.example': 'two' }, credsStore: 'one', auths }],
  ])('of %s is asked for the login by name', async (_, config) => {
    await helper('one', gives(login))
    await helper('two', gives({ ...login, Secret: 'wrong' }))
    expect(await find(config)).toEqual({ username: 'me', password: 'from-helper' })
    expect([await asked('one'), await asked('two')]).toEqual(['get r.example', undefined])
  })

  test('of Docker Hub is asked by the name that Docker has for it', async () => {
    await helper('one', gives(login))
    await find({ credsStore: 'one' }, 'docker.io')
    expect(await asked('one')).toBe('get https://index.docker.io/v1/')
  })

  test.each([
    ['ends with an error', ['echo "credentials not found in native keychain"', 'exit 1']],
    ['gives a login and an error', [gives(login), 'exit 1']],
    ['gives nothing', []],
    ['gives no JSON', [gives('me:pass')]],
    ['gives null', [gives('null')]],
    ['gives a list', [gives([login])]],
    ['gives no password', [gives({ Username: 'me', Secret: '' })]],
    ['gives no user', [gives({ Username: '', Secret: 'x' })]],
    ['gives an object for a password', [gives({ Username: 'me', Secret: { a: 1 } })]],
    ['gives a number for a user', [gives({ Username: 7, Secret: 'x' })]],
  ])('that %s leaves the login of the file', async (_, does) => {
    await helper('one', ...does)
    expect(await find({ credsStore: 'one', auths })).toEqual({ username: 'me', password: 'from-file' })
    expect(await asked('one')).toBe('get r.example')
  })

  test.each(['missing', '', '../one', 'one;id', 'o ne', 'one;', ';one', 7, null, {}, ['one']])(
    'that cannot be one (%j) leaves the login of the file',
    async (name) => {
      for (const there of ['one', 'o ne', 'one;', ';one', '7']) {
        await helper(there, gives({ ...login, Secret: 'wrong' }))
      }
      expect(await find({ credsStore: name, auths })).toEqual({ username: 'me', password: 'from-file' })
      expect((await readdir(folder)).filter((file) => file.startsWith('asked-'))).toEqual([])
    },
  )

  test('may give an identity token, which the token service takes in place of the password, and nothing else gets', async () => {
    const token = { Username: '<token>', Secret: 'refresh+me/1' }
    await helper('one', gives(token))
    await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: 'one' }))
    const processes = createProcesses({ PATH: `${folder}:${process.env.PATH}` })
    const credentials = findCredentials([], await readDockerConfig(folder), processes)
    registry.instead = ({ path, headers }) => {
      if (path === '/token') return { status: 200, body: { access_token: 'short-lived' } }
      return headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.url}/token",service="here"` } }
        : { status: 200, body: { tags: ['1.0'] } }
    }
    const client = openClient({ credentials })
    expect(await client.listTags(addonOf(registry))).toEqual(['1.0'])
    const sent = registry.seen.map(({ method, path, headers, body }) => [
      `${method} ${path}`,
      headers.authorization,
      body.toString(),
    ])
    const form = new URLSearchParams({
      service: 'here',
      grant_type: 'refresh_token',
      refresh_token: 'refresh+me/1',
      client_id: 'aicleaner-build',
      scope: 'repository:org/addon:pull',
    })
    expect(sent).toEqual([
      ['GET /v2/org/addon/tags/list?n=1000', undefined, ''],
      ['POST /token', undefined, form.toString()],
      ['GET /v2/org/addon/tags/list?n=1000', 'Bearer short-lived', ''],
    ])
    expect(registry.seen[1]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(await client.userOf(addonOf(registry))).toBe('<token>')
  })

  test('of an identity token gives nothing to a registry that wants user and password', async () => {
    registry.instead = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } })
    const client = openClient({ credentials: async () => ({ username: '<token>', password: 'refresh-me' }) })
    await expect(client.listTags(addonOf(registry))).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })
})
