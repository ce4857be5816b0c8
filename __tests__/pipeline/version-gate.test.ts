import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ChangedFiles } from '../../src/addon/discover.ts'
import { checkVersions } from '../../src/pipeline/version-gate.ts'
import { RegistryError, type RegistryErrorCode } from '../../src/registry/error.ts'
import type { Repository } from '../../src/registry/name.ts'
import { optionsOf } from '../addon/corpus.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import { events } from '../plan/events.ts'
import { config, plain, plan, type Setting } from '../plan/planning.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aicleaner-versions-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const image = { image: 'registry.example/{arch}-{slug}', 'multi-arch-image': 'registry.example/{slug}' }
const other = { 'b/config.yaml': config('', 'other'), 'b/Dockerfile': plain }

interface Gate extends Setting {
  readonly changed?: ChangedFiles
  /** The tags of every repository, or what the registry does instead. */
  readonly tags?: readonly string[] | ((repository: Repository) => Promise<readonly string[]>)
  /** The changes, if a test does not wait for them. */
  readonly changes?: () => Promise<ChangedFiles>
  readonly cancel?: AbortSignal
  /** When the time is up. */
  readonly late?: Promise<void>
}

async function check({ changed = { files: ['a/Dockerfile'] }, tags = [], cancel, late, ...setting }: Gate = {}) {
  const inputs = { ...image, ...setting.inputs }
  const files = { 'a/config.yaml': config(), 'a/Dockerfile': plain, ...setting.files }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const planned = await plan({ event: events.pullRequest, ...setting, inputs })
  const options = await optionsOf({ target: 'a', ...inputs })
  const asked: string[] = []
  const listTags = async (repository: Repository): Promise<readonly string[]> => {
    asked.push(`${repository.registry}/${repository.path}`)
    return typeof tags === 'function' ? tags(repository) : tags
  }
  const bare = bareHost(folder, folder)
  // Time passes only if a test says so.
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) resolve()
      signal?.addEventListener('abort', () => resolve())
      if (ms === 15_000) void late?.then(resolve)
    })
  const host = { ...bare, event: events.pullRequest, clock: { now: () => 0, sleep } }
  const context = {
    ...{ plan: planned, options, changes: setting.changes ?? (async () => changed) },
    host: { ...host, ...(cancel && { signal: cancel }) },
  }
  const found = await checkVersions(context, { listTags }, memoryFiles(new Map(Object.entries(files))))
  return { ...found, asked }
}

const fails = (code: RegistryErrorCode) => () => Promise.reject(new RegistryError(code, 'The registry says no.'))

describe('the version gate', () => {
  test('reports a published version at its line, with the next one', async () => {
    const { problems, unknown, asked } = await check({ tags: ['1.0', '0.9', 'latest'] })
    expect(problems).toEqual([
      {
        gate: 'version',
        addon: 'probe',
        message: '1.0 is already published, so devices are not offered this change. Set "version" to 1.1.',
        remedy: 'The Supervisor offers an update only if the version changes.',
        where: { file: 'a/config.yaml', line: 2, column: 10 },
      },
    ])
    expect(unknown).toEqual([])
    expect(asked).toEqual(['registry.example/probe'])
  })

  test.each<readonly [string, Gate]>([
    ['a new version', { tags: ['0.9'] }],
    ['a first publication', { tags: fails('NOT_FOUND') }],
    ['a repository without tags', { tags: [] }],
  ])('has nothing against %s', async (_, gate) => {
    expect(await check(gate)).toEqual({ problems: [], unknown: [], asked: ['registry.example/probe'] })
  })

  test.each<readonly [string, Gate]>([
    ['another add-on changed', { changed: { files: ['b/Dockerfile', 'README.md'] } }],
    ['only documents changed', { changed: { files: ['a/README.md', 'a/CHANGELOG.md', 'a/translations/en.yaml'] } }],
    ['nothing changed', { changed: { files: [] } }],
    ['the input "version" sets the version', { inputs: { version: '1.0' } }],
    ['the version is none', { files: { 'a/config.yaml': config().replace('"1.0"', '"dev"') } }],
    [
      'only files changed that the build context leaves out',
      { changed: { files: ['a/tests/x.py'] }, files: { 'a/.dockerignore': 'tests\n' } },
    ],
  ])('asks no registry if %s', async (_, gate) => {
    expect(await check({ tags: ['1.0'], ...gate })).toEqual({ problems: [], unknown: [], asked: [] })
  })

  test.each<readonly [string, Gate]>([
    ['the file of "file"', { inputs: { file: 'x/Dockerfile' }, changed: { files: ['x/Dockerfile'] } }],
    ['a folder of "build-contexts"', { inputs: { 'build-contexts': 'c=common' }, changed: { files: ['common/x'] } }],
    [
      'a file that "!" includes again',
      { files: { 'a/.dockerignore': '*\n!run.sh\n' }, changed: { files: ['a/run.sh'] } },
    ],
    ['config.yaml', { files: { 'a/.dockerignore': '*\n' }, changed: { files: ['a/config.yaml'] } }],
  ])('sees a change of %s', async (_, gate) => {
    const files = { 'x/Dockerfile': plain, 'common/x': '', ...gate.files }
    expect((await check({ tags: ['1.0'], ...gate, files })).problems).toHaveLength(1)
  })

  test('leaves out a file only if no architecture has it in its build context', async () => {
    const files = { 'a/Dockerfile.armv7': plain, 'a/Dockerfile.dockerignore': 'tests\n' }
    const gate = { tags: ['1.0'], changed: { files: ['a/tests/x'] } }
    expect((await check({ ...gate, files })).problems).toHaveLength(1)
    const both = { ...files, 'a/Dockerfile.armv7.dockerignore': 'tests\n' }
    expect((await check({ ...gate, files: both })).problems).toEqual([])
  })

  test('counts a file if the ignore file cannot be used', async () => {
    const files = { 'a/.dockerignore': `${'*a'.repeat(60_000)}\n` }
    const { problems } = await check({ tags: ['1.0'], files, changed: { files: [`a/${'a'.repeat(4000)}`] } })
    expect(problems).toHaveLength(1)
  })

  test('asks once for each add-on that changed, and for no other', async () => {
    const setting = { files: other, inputs: { target: 'a\nb' } }
    const both = await check({ ...setting, changed: { files: ['a/x', 'b/x'] }, tags: ['1.0'] })
    expect(both.asked.toSorted()).toEqual(['registry.example/other', 'registry.example/probe'])
    expect(both.problems.map(({ addon, where }) => [addon, where?.file])).toEqual([
      ['probe', 'a/config.yaml'],
      ['other', 'b/config.yaml'],
    ])
    expect((await check({ ...setting, changed: { files: ['b/x'] }, tags: ['1.0'] })).asked).toEqual([
      'registry.example/other',
    ])
  })

  test.each<readonly [string, string, Readonly<Record<string, string>>, string]>([
    ['the name that devices pull', 'image: "registry.example/{arch}-probe"', {}, 'registry.example/amd64-probe'],
    ['the name for all architectures', 'image: registry.example/probe', {}, 'registry.example/probe'],
    ['that one if devices pull another name', 'image: elsewhere.example/probe', {}, 'registry.example/probe'],
    ['an image if there is no such name', '', { 'multi-arch-image': 'false' }, 'registry.example/amd64-probe'],
  ])('asks for %s', async (_, line, inputs, expected) => {
    const { asked } = await check({ files: { 'a/config.yaml': config(`${line}\n`) }, inputs })
    expect(asked).toEqual([expected])
  })
})

describe('what is not known is a line, and no problem', () => {
  test('the changes', async () => {
    const { problems, unknown, asked } = await check({ tags: ['1.0'], changed: { unknown: 'There is no token.' } })
    expect([problems, unknown, asked]).toEqual([[], ['Versions are not checked: There is no token.'], []])
  })

  test.each<RegistryErrorCode>([
    'UNAUTHORIZED',
    'DENIED',
    'CONNECTION_FAILED',
    'HOST_NOT_FOUND',
    'UNAVAILABLE',
    'RATE_LIMITED',
    'INVALID_RESPONSE',
  ])('a registry that answers with %s', async (code) => {
    const { problems, unknown } = await check({ tags: fails(code) })
    expect(problems).toEqual([])
    expect(unknown).toEqual(['It is not known whether 1.0 of probe is new: The registry says no.'])
  })

  test('one line for all add-ons of a registry that does not respond', async () => {
    const setting = { files: other, inputs: { target: 'a\nb' }, changed: { files: ['a/x', 'b/x'] } }
    const { unknown } = await check({ ...setting, tags: fails('UNAVAILABLE') })
    expect(unknown).toEqual(['It is not known whether 1.0 of probe and 1.0 of other are new: The registry says no.'])
  })

  test('a registry that does not respond is not asked for further add-ons', async () => {
    const slugs = Array.from({ length: 30 }, (_, index) => `n${index}`)
    const files = Object.fromEntries(
      slugs.flatMap((slug) => [
        [`${slug}/config.yaml`, config('', slug)],
        [`${slug}/Dockerfile`, plain],
      ]),
    )
    const changed = { files: slugs.map((slug) => `${slug}/x`) }
    const { asked, unknown } = await check({ files, inputs: { target: 'n*' }, changed, tags: fails('UNAVAILABLE') })
    expect(asked.length).toBeLessThan(10)
    expect(unknown).toHaveLength(1)
    expect(unknown[0]).toMatch(/1\.0 of n0, .* and 24 more are new/)
  })

  test.each(['the time is up', 'the run is cancelled'])('what is not answered when %s', async (when) => {
    const begin = () => {
      const end = new AbortController()
      const late = Promise.withResolvers<void>()
      const finish = (): Promise<never> => {
        when === 'the time is up' ? late.resolve() : end.abort()
        return new Promise(() => {})
      }
      return { finish, cancel: end.signal, late: late.promise }
    }
    const registry = begin()
    expect(await check({ ...registry, tags: registry.finish })).toMatchObject({
      problems: [],
      unknown: ['It is not known whether 1.0 of probe is new: no response within 15 s.'],
    })
    const github = begin()
    expect(await check({ ...github, changes: github.finish })).toEqual({
      problems: [],
      unknown: ['Versions are not checked: no response within 15 s.'],
      asked: [],
    })
  })

  test('and no registry is asked after the end', async () => {
    const slugs = Array.from({ length: 30 }, (_, index) => `n${index}`)
    const files = Object.fromEntries(
      slugs.flatMap((slug) => [
        [`${slug}/config.yaml`, config('', slug)],
        [`${slug}/Dockerfile`, plain],
      ]),
    )
    const late = Promise.withResolvers<void>()
    const answers: (() => void)[] = []
    const tags = () => {
      late.resolve()
      return new Promise<readonly string[]>((resolve) => answers.push(() => resolve([])))
    }
    const changed = { files: slugs.map((slug) => `${slug}/x`) }
    const { asked } = await check({ files, inputs: { target: 'n*' }, changed, tags, late: late.promise })
    const before = asked.length
    for (const answer of answers) answer()
    await new Promise((resolve) => setImmediate(resolve))
    expect([asked.length < 10, asked.length]).toEqual([true, before])
  })

  test('a failure that nobody expects', async () => {
    const broken = () => Promise.reject(new TypeError('x is not a function'))
    expect((await check({ tags: broken })).unknown).toEqual([
      'It is not known whether 1.0 of probe is new: x is not a function',
    ])
  })
})

describe('the CHANGELOG', () => {
  const withLog = (text: string, tags: Gate['tags'] = ['0.9']) => check({ tags, files: { 'a/CHANGELOG.md': text } })

  test('needs an entry for a new version', async () => {
    expect((await withLog('# Changes\n\n## 1.0\n')).problems).toEqual([])
    expect((await withLog('# Changes\n\n## 0.9\n')).problems).toEqual([
      {
        gate: 'version',
        addon: 'probe',
        message: 'CHANGELOG.md has no entry for 1.0.',
        remedy: 'Add one. Home Assistant shows it with the update.',
        where: { file: 'a/CHANGELOG.md', line: 1, column: 1 },
      },
    ])
    expect((await withLog('## 0.9\n', fails('NOT_FOUND'))).problems).toHaveLength(1)
  })

  test('of an add-on in the root is found', async () => {
    const files = { 'config.yaml': config(), Dockerfile: plain, 'CHANGELOG.md': '## 0.9\n' }
    const { problems } = await check({ files, inputs: { target: '.' }, changed: { files: ['Dockerfile'] } })
    expect(problems).toMatchObject([{ where: { file: 'CHANGELOG.md', line: 1 } }])
  })

  test('is not asked for if there is none, if the version has to change anyway, or if that is not known', async () => {
    expect((await check({ tags: ['0.9'] })).problems).toEqual([])
    expect((await withLog('## 0.9\n', ['1.0'])).problems).toMatchObject([{ message: expect.stringMatching('already') }])
    expect((await withLog('## 0.9\n', fails('DENIED'))).problems).toEqual([])
  })

  test('that cannot be searched is a line', async () => {
    const { problems, unknown } = await withLog('x'.repeat(1024 * 1024 + 1))
    expect(problems).toEqual([])
    expect(unknown).toEqual(['a/CHANGELOG.md was not searched for 1.0: The file is larger than 1024 kB.'])
  })
})
