import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { imageAt } from '../../src/github/base-names.ts'
import { makeClient } from '../../src/github/client.ts'
import { RestError } from '../../src/github/rest.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { fakeSha } from '../fakes/github/state.ts'

const base = fakeSha('main')
let github: FakeGitHub
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

const put = (path: string, content: string, more: { readonly sha?: string; readonly type?: 'symlink' } = {}) =>
  github.files.push({ repository: github.repository, sha: base, path, content, ...more })
const ask = (folder = 'tiny') => {
  const client = makeClient({ token: github.token, baseUrl: github.url, sleep: async () => {} })
  return imageAt(client, github.repository, base, folder)
}

describe('the image name of the base branch', () => {
  test('is that of config.yaml', async () => {
    put('tiny/config.yaml', 'name: Tiny\nimage: ghcr.io/org/{arch}-tiny\n')
    expect(await ask()).toBe('ghcr.io/org/{arch}-tiny')
  })

  test('is that of build.yaml before it, as in a checkout', async () => {
    put('tiny/config.yaml', 'image: ghcr.io/org/{arch}-tiny\n')
    put('tiny/build.yml', 'image: quay.io/org/{arch}-tiny\n')
    expect(await ask()).toBe('quay.io/org/{arch}-tiny')
  })

  test('is found if the add-on is the repository, or its folder has an unusual name', async () => {
    put('config.json', '{"image": "ghcr.io/org/root"}')
    put('a b/#1?/config.yaml', 'image: ghcr.io/org/odd\n')
    expect([await ask('.'), await ask('a b/#1?')]).toEqual(['ghcr.io/org/root', 'ghcr.io/org/odd'])
  })

  test.each<[string, () => void]>([
    ['there is no such folder', () => {}],
    ['the file names none', () => put('tiny/config.yaml', 'name: Tiny\n')],
    ['the file cannot be read', () => put('tiny/config.yaml', '\u0000: [')],
    ['the file is that of another commit', () => put('tiny/config.yaml', 'image: r.example/a', { sha: fakeSha('x') })],
    ['the file is a link', () => put('tiny/config.yaml', '../other', { type: 'symlink' })],
    ['the file is a folder', () => put('tiny/config.yaml/x', 'image: r.example/a\n')],
    ['the file has 300 kB', () => put('tiny/config.yaml', `image: r.example/a\n#${'x'.repeat(300_000)}`)],
    ['the file has 2 MB', () => put('tiny/config.yaml', `image: r.example/a\n#${'x'.repeat(2_000_000)}`)],
  ])('is undefined if %s', async (_, arrange) => {
    arrange()
    expect(await ask()).toBeUndefined()
  })

  test('is an error if GitHub does not respond', async () => {
    github.faults.add({ answer: { status: 403 } })
    await expect(ask()).rejects.toThrow(RestError)
  })
})
