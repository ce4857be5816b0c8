// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { migrate } from '../../../src/addon/migrate/migrate.ts'
import { readAddons } from '../../../src/addon/read.ts'
import { baseOf } from '../../../src/dockerfile/base-of.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'

const config = (arch: readonly string[]) =>
  `name: N\nversion: "1.0"\nslug: s\ndescription: d\narch: [${arch.join(', ')}]\n`
const run = (files: Readonly<Record<string, string>>, targets = ['a']) =>
  migrate({ targets, changedOnly: false }, memoryFiles(new Map(Object.entries(files))))
const wrong = async (files: Readonly<Record<string, string>>) => {
  const { changes, diagnostics } = await run(files)
  return { changes, errors: diagnostics.filter(({ severity }) => severity === 'error') }
}

describe('an architecture that "build_from" lacks', () => {
  // After unpoller of bluemaex/home-assistant-addons at 6e41c62.
  const unpoller = {
    'a/config.yaml':
      'name: UnPoller\nversion: 5.0.1\nslug: unpoller\ndescription: d\narch:\n  - aarch64\n  - amd64\n  - armv7\n',
    'a/build.yaml':
      '---\nbuild_from:\n  aarch64: "ghcr.io/home-assistant/aarch64-base:3.24"\n  amd64: "ghcr.io/home-assistant/amd64-base:3.24"\n',
    'a/Dockerfile':
      'ARG BUILD_FROM\nFROM ghcr.io/unpoller/unpoller:v3.4.1 as unpoller-base\nFROM ${BUILD_FROM} AS final\n',
  }

  test('gets no base: the add-on is not changed, and the message contains the default', async () => {
    expect(await wrong(unpoller)).toMatchObject({
      changes: [],
      errors: [
        {
          code: 'migrate/refused',
          message:
            '"a" is not changed: "build_from" has no image for armv7. After the move, the base image would be "ghcr.io/home-assistant/armv7-base:3.24" for armv7, which no file sets.',
          remedy: expect.stringMatching(
            /"armv7: ghcr\.io\/home-assistant\/armv7-base:latest".*remove armv7 from "arch" in config\.yaml/s,
          ),
          where: { file: 'a/build.yaml', line: 2 },
        },
      ],
    })
  })

  test.each([
    ['a base of its own', { 'a/build.yaml': `${unpoller['a/build.yaml']}  armv7: x/y:1\n` }],
    ['a default in the Dockerfile', { 'a/Dockerfile': 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n' }],
    ['no use of BUILD_FROM', { 'a/Dockerfile': 'FROM x/y:1\n' }],
  ])('is no reason where it has %s', async (_, more) => {
    const { changes, errors } = await wrong({ ...unpoller, ...more })
    expect(errors).toEqual([])
    expect(changes.map(({ file }) => file)).toContain('a/build.yaml')
  })

  test('is never given one: each architecture keeps its base, or the add-on stays', async () => {
    const all = ['amd64', 'aarch64', 'armv7', 'i386'] as const
    const base = fc.constantFrom('x/{arch}-base:1', 'x/base:1', 'y/{arch}:{version}', 'z/other:2')
    const cases = fc.record({
      arch: fc.subarray([...all], { minLength: 1 }),
      bases: fc.dictionary(fc.constantFrom(...all), base),
      dockerfile: fc.constantFrom(
        'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
        'ARG BUILD_FROM=d/default:1\nFROM ${BUILD_FROM}\n',
        'ARG BUILD_FROM\nARG BUILD_ARCH\nARG BUILD_FROM\nFROM golang AS build\nFROM $BUILD_FROM\nCOPY --from=build /a /b\n',
        'ARG BUILD_FROM\nARG TAG=-x\nFROM ${BUILD_FROM}${TAG}\n',
        'FROM d/fixed:1\n',
      ),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ arch, bases, dockerfile }) => {
        const lines = Object.entries(bases).map(([name, text]) => `  ${name}: "${text}"\n`)
        const files = new Map([
          ['a/config.yaml', config(arch)],
          ['a/build.yaml', lines.length === 0 ? 'args: {}\n' : `build_from:\n${lines.join('')}`],
          ['a/Dockerfile', dockerfile],
        ])
        const baseAfter = async (texts: ReadonlyMap<string, string>) => {
          const { addons } = await readAddons({ targets: ['a'], changedOnly: false }, memoryFiles(texts))
          const [addon] = addons
          const main = addon?.dockerfiles.get('default')
          if (!addon || !main) throw new Error('no add-on')
          return new Map(
            arch.map((one) => {
              const given = [
                ['BUILD_ARCH', one],
                ['BUILD_VERSION', '1.0'],
              ] as [string, string][]
              const from = addon.buildFrom.get(one)?.replaceAll('{version}', '1.0')
              if (from !== undefined) given.push(['BUILD_FROM', from])
              const found = baseOf(main, undefined, one, new Map(given))
              return [one, 'image' in found && !/^\$|^-x$/.test(found.image) ? found.image : undefined]
            }),
          )
        }
        const before = await baseAfter(files)
        const { changes, diagnostics } = await migrate({ targets: ['a'], changedOnly: false }, memoryFiles(files))
        const refused = diagnostics.filter(({ code }) => code === 'migrate/refused')
        if (refused.length > 0) {
          expect(changes).toEqual([])
          for (const { where, message, remedy } of refused) {
            expect(where?.file).toBe('a/build.yaml')
            expect(message).toMatch(/amd64|aarch64|armv7|i386/)
            expect(remedy).not.toBe('')
          }
          return
        }
        const texts = new Map(files)
        for (const { file, after } of changes) {
          if (after === undefined) texts.delete(file)
          else texts.set(file, after)
        }
        expect(await baseAfter(texts)).toEqual(before)
      }),
    )
  })
})

describe('an add-on that cannot be migrated has a reason', () => {
  // After booksonic_air of alexbelgium/hassio-addons.
  test('where bases that follow no pattern are one part of a name', async () => {
    const { changes, errors } = await wrong({
      'a/config.yaml': config(['aarch64', 'amd64']),
      'a/build.json':
        '{\n  "build_from": {\n    "aarch64": "lscr.io/linuxserver/booksonic-air:arm64v8-",\n    "amd64": "lscr.io/linuxserver/booksonic-air:amd64-"\n  }\n}\n',
      'a/Dockerfile': 'ARG BUILD_FROM\nARG BUILD_UPSTREAM="latest"\nFROM ${BUILD_FROM}${BUILD_UPSTREAM}\n',
    })
    expect(changes).toEqual([])
    expect(errors).toMatchObject([
      {
        message:
          '"a" is not changed: amd64 is built on "lscr.io/linuxserver/booksonic-air:amd64-latest" now, but would be built on "build-from-amd64latest". No default of BUILD_FROM results in the right base image for every architecture in "FROM ${BUILD_FROM}${BUILD_UPSTREAM}" (a/Dockerfile:3).',
        where: { file: 'a/build.json', line: 4 },
      },
      { message: expect.stringContaining('aarch64 is built on'), where: { file: 'a/build.json', line: 3 } },
    ])
  })

  test('where several add-ons are built with one Dockerfile', async () => {
    const files = {
      'a/config.yaml': config(['amd64']),
      'a/build.yaml': 'build_from: x/y:1\n',
      'b/config.yaml': config(['amd64']).replace('slug: s', 'slug: t'),
      'b/build.yaml': 'build_from: x/y:2\n',
      Dockerfile: 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
    }
    const { changes, diagnostics } = await migrate(
      { targets: ['a', 'b'], changedOnly: false, file: 'Dockerfile' },
      memoryFiles(new Map(Object.entries(files))),
    )
    expect(changes).toEqual([])
    expect(diagnostics.filter(({ code }) => code === 'migrate/refused')).toEqual(
      ['a', 'b'].map((folder) => ({
        severity: 'error',
        code: 'migrate/refused',
        message: `${folder}/build.yaml is not moved: several add-ons that have a build.yaml are built with Dockerfile.`,
        remedy: 'Give each add-on a separate Dockerfile, or move the add-ons by hand.',
        where: { file: `${folder}/build.yaml`, line: 1, column: 1 },
      })),
    )
  })

  test('but is moved where the others that are built with its Dockerfile have no build.yaml', async () => {
    const files = {
      'a/config.yaml': config(['amd64']),
      'a/build.yaml': 'build_from: x/y:1\n',
      'b/config.yaml': config(['amd64']).replace('slug: s', 'slug: t'),
      Dockerfile: 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
    }
    const { changes, diagnostics } = await migrate(
      { targets: ['a', 'b'], changedOnly: false, file: 'Dockerfile' },
      memoryFiles(new Map(Object.entries(files))),
    )
    expect(diagnostics.filter(({ code }) => code === 'migrate/refused')).toEqual([])
    expect(changes).toEqual([
      { file: 'Dockerfile', before: files.Dockerfile, after: 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n' },
      { file: 'a/build.yaml', before: files['a/build.yaml'], after: undefined },
    ])
  })

  test('and the others are moved all the same', async () => {
    const { changes } = await run(
      {
        'a/config.yaml': config(['amd64', 'armv7']),
        'a/build.yaml': 'build_from: {amd64: "x/amd64:1"}\n',
        'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
        'b/config.yaml': config(['amd64']).replace('slug: s', 'slug: t'),
        'b/build.yaml': 'build_from: x/y:2\n',
        'b/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
      },
      ['a', 'b'],
    )
    expect(changes.map(({ file }) => file)).toEqual(['b/Dockerfile', 'b/build.yaml'])
  })
})

// After signalk of alexbelgium/hassio-addons.
test('a BUILD_FROM that is declared twice gets its default at both places', async () => {
  const { changes, errors } = await wrong({
    'a/config.yaml': config(['aarch64', 'amd64']),
    'a/build.yaml':
      'build_from: {aarch64: "ghcr.io/signalk/signalk-server:latest", amd64: "ghcr.io/signalk/signalk-server:latest"}\n',
    'a/Dockerfile': 'ARG BUILD_FROM\nARG BUILD_VERSION\nARG BUILD_FROM\nFROM ${BUILD_FROM}\n',
  })
  expect(errors).toEqual([])
  expect(changes.find(({ file }) => file === 'a/Dockerfile')?.after).toBe(
    'ARG BUILD_FROM=ghcr.io/signalk/signalk-server:latest\nARG BUILD_VERSION\nARG BUILD_FROM=ghcr.io/signalk/signalk-server:latest\nFROM ${BUILD_FROM}\n',
  )
})
