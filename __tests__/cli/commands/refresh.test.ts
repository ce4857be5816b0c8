import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readCommandLine } from '../../../src/cli/arguments.ts'
import { refresh } from '../../../src/cli/commands/refresh.ts'
import { bareHost } from '../../fakes/bare-host.ts'
import { putImage } from '../../pipeline/published-images.ts'
import { type Distribution, startDistribution } from '../../registry/distribution.ts'

let folder: string
let temporary: string
let registry: Distribution
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refresh-command-'))
  temporary = mkdtempSync(join(tmpdir(), 'refresh-temporary-'))
  registry = await startDistribution()
  putImage(registry, 'org/base', '1', { platform: 'amd64', layers: ['new'] })
  for (const name of ['one', 'two']) {
    putImage(registry, `org/${name}`, '3.9', { platform: 'amd64', layers: ['old', 'own'] })
    putImage(registry, `org/${name}`, '1.0.0', { platform: 'amd64', layers: ['new', 'own'] })
  }
})
afterEach(async () => {
  await registry.close()
  for (const one of [folder, temporary]) rmSync(one, { recursive: true, force: true })
})

const configOf = (slug: string, version: string, eol = '\n') =>
  [
    '# The add-on',
    `name: ${slug}`,
    `version: ${version} # bumped by a workflow`,
    `slug: ${slug}`,
    'description: An add-on',
    'arch: [amd64]',
    `image: ${registry.host}/org/${slug}`,
    '',
  ].join(eol)

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
const addAddon = (slug: string, config: string, more: Readonly<Record<string, string>> = {}) =>
  write({
    [`${slug}/config.yaml`]: config,
    [`${slug}/Dockerfile`]: `FROM ${registry.host}/org/base:1\n`,
    ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`${slug}/${name}`, text])),
  })
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

async function call(...args: readonly string[]) {
  const host = bareHost(folder, temporary)
  const clock = { ...host.clock, now: () => Date.parse('2026-03-01T12:00:00Z') }
  const exitCode = await refresh(readCommandLine(['refresh', ...args]), { ...host, clock })
  return { exitCode, lines: host.lines, codes: host.said.map(({ code }) => code) }
}

describe('refresh', () => {
  test('shows what has changed, and changes nothing', async () => {
    addAddon('one', configOf('one', '"3.9"'), { 'CHANGELOG.md': '## 3.9\n' })
    const { exitCode, lines } = await call('one')
    expect(exitCode).toBe(0)
    expect(lines[0]).toBe('one 3.9 → 3.10')
    expect(read('one/config.yaml')).toBe(configOf('one', '"3.9"'))
    expect(read('one/CHANGELOG.md')).toBe('## 3.9\n')
  })

  test('of current add-ons, or of images that are not published, is no failure', async () => {
    addAddon('one', configOf('one', '1.0.0'))
    addAddon('two', configOf('two', '7.0.0'))
    const { exitCode, lines, codes } = await call('one', 'two', '--write')
    expect([exitCode, codes]).toEqual([0, []])
    expect(lines).toEqual([
      `Not known: two amd64: ${registry.host}/org/two:7.0.0 is not published.`,
      'No base image is known to have changed.',
    ])
    expect(read('one/config.yaml')).toBe(configOf('one', '1.0.0'))
  })

  test('of invalid files is an error', async () => {
    addAddon('one', 'name: [')
    expect((await call('one')).exitCode).toBe(2)
  })
})

describe('refresh --write', () => {
  test('sets the next version and adds it to the changelog; everything else stays byte for byte', async () => {
    addAddon('one', `\ufeff${configOf('one', '"3.9"', '\r\n')}`, {
      'CHANGELOG.md': '# Changelog\n\n## [3.9] - 2026-01-31\n\n* One\n',
    })
    addAddon('two', configOf('two', '1.0.0'))
    const { exitCode, lines, codes } = await call('one', 'two', '--write')
    expect([exitCode, codes]).toEqual([0, []])
    expect(lines).toEqual(expect.arrayContaining(['changed one/config.yaml', 'changed one/CHANGELOG.md']))
    expect(read('one/config.yaml')).toBe(`\ufeff${configOf('one', '"3.10"', '\r\n')}`)
    expect(read('one/CHANGELOG.md')).toBe(
      `# Changelog\n\n## [3.10] - 2026-03-01\n\n* Update base image ${registry.host}/org/base:1\n\n## [3.9] - 2026-01-31\n\n* One\n`,
    )
    expect(read('two/config.yaml')).toBe(configOf('two', '1.0.0'))
  })

  test('quotes a version that would be a number, and makes no changelog', async () => {
    addAddon('one', configOf('one', '3.9'))
    expect((await call('--write')).exitCode).toBe(0)
    expect(read('one/config.yaml')).toBe(configOf('one', '"3.10"'))
    expect(() => read('one/CHANGELOG.md')).toThrow('ENOENT')
  })

  test('proposes the version after those that are published', async () => {
    putImage(registry, 'org/one', '3.10', { platform: 'amd64', layers: ['x'] })
    addAddon('one', configOf('one', "'3.9'"))
    await call('--write')
    expect(read('one/config.yaml')).toBe(configOf('one', "'3.11'"))
  })

  test('reports a version that it cannot set, and sets those of other add-ons', async () => {
    addAddon('one', configOf('one', '3.9').replace('name: one', 'name: &v "3.9"').replace('3.9 #', '*v #'))
    addAddon('two', configOf('two', '"3.9"'))
    const { exitCode, codes } = await call('one', 'two', '--write')
    expect([exitCode, codes.filter((code) => code.startsWith('refresh/'))]).toEqual([2, ['refresh/not-written']])
    expect(read('one/config.yaml')).toContain('version: *v')
    expect(read('two/config.yaml')).toBe(configOf('two', '"3.10"'))
  })

  test('reports a version that comes from an option', async () => {
    addAddon('one', configOf('one', '1.0.0'))
    const { exitCode, codes } = await call('one', '--write', '--version', '3.9')
    expect([exitCode, codes]).toEqual([2, ['refresh/not-written']])
    expect(read('one/config.yaml')).toBe(configOf('one', '1.0.0'))
  })

  test('follows no link', async () => {
    addAddon('one', configOf('one', '"3.9"'))
    write({ 'elsewhere.yaml': configOf('one', '"3.9"') })
    rmSync(join(folder, 'one/config.yaml'))
    symlinkSync('../elsewhere.yaml', join(folder, 'one/config.yaml'))
    const { exitCode, codes } = await call('one', '--write')
    expect([exitCode, codes]).toEqual([2, ['refresh/not-written']])
    expect(read('elsewhere.yaml')).toBe(configOf('one', '"3.9"'))
  })
})
