// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile and expressions of GitHub.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { migrateDockerfile, quote } from '../../../src/addon/migrate/dockerfile.ts'
import { migrate } from '../../../src/addon/migrate/migrate.ts'
import type { Change } from '../../../src/addon/migrate/migration.ts'
import { readAddons } from '../../../src/addon/read.ts'
import { labelsInDockerfile } from '../../../src/dockerfile/base-of.ts'
import { readDockerfile } from '../../../src/dockerfile/dockerfile.ts'
import { expand } from '../../../src/dockerfile/expand.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import type { Target } from '../../../src/plan/plan.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'
import { corpusAddons, optionsOf, pushToMain } from '../corpus.ts'
import { gitApply } from './git-apply.ts'

type Texts = ReadonlyMap<string, string | Uint8Array>

function changed(files: Texts, changes: readonly Change[]): Texts {
  const result = new Map(files)
  for (const { file, after } of changes) {
    if (after === undefined) result.delete(file)
    else result.set(file, after)
  }
  return result
}

/** What reaches the image: the base, and arguments and labels wherever they come from. BUILD_FROM is the base. */
function effect(target: Target, files: Texts): unknown {
  const text = Buffer.from(files.get(target.dockerfile) ?? '')
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  const { dockerfile } = readDockerfile(text, target.dockerfile)
  if (!dockerfile) throw new Error('no Dockerfile')
  const args = dockerfile.stages.flatMap(({ arguments: declared }, index) =>
    [...declared].map(([name, fallback]) => {
      const scope = new Map([...declared].map(([one, text]) => [one, target.buildArguments.get(one) ?? text]))
      const inherited = fallback ?? dockerfile.globalArguments.get(name)
      return [
        `${index - dockerfile.stages.length} ${name}`,
        target.buildArguments.get(name) ??
          (inherited === undefined ? undefined : expand(inherited, (one) => scope.get(one), dockerfile.escape)),
      ]
    }),
  )
  return {
    image: target.image,
    tags: target.tags,
    base: target.baseImage,
    args: Object.fromEntries(args.filter(([name]) => !/ BUILD_(FROM|ARCH|VERSION)$/.test(String(name)))),
    labels: Object.fromEntries(
      new Map([
        ...labelsInDockerfile(dockerfile, undefined, target.architecture, target.buildArguments),
        ...target.labels,
      ]),
    ),
  }
}

async function effects(files: Texts, folder: string): Promise<unknown> {
  const options = await optionsOf({ target: folder })
  const { addons, diagnostics } = await readAddons(options, memoryFiles(files))
  const { plan, diagnostics: more } = makePlan(addons, options, pushToMain)
  if (!plan) return [...diagnostics, ...more].filter(({ severity }) => severity === 'error').map(({ code }) => code)
  return plan.addons.map((addon) => ({
    multiArch: addon.multiArch?.image,
    targets: addon.targets.map((target) => effect(target, files)),
  }))
}

/** Ways in which people write a Dockerfile; the arguments are those of the add-on's build file. */
const shapes: Readonly<Record<string, (args: readonly string[]) => string>> = {
  plain: (args) =>
    `ARG BUILD_FROM\nFROM $BUILD_FROM\n${args.map((name) => `ARG ${name}\n`).join('')}RUN echo ${args.map((name) => `$${name}`).join(' ')}\n`,
  'with defaults, comments and one line of arguments': (args) =>
    `# syntax=docker/dockerfile:1\n# Bases come from build.yaml.\nARG BUILD_FROM=ghcr.io/home-assistant/base:3.23\n\nFROM \${BUILD_FROM} AS app\n${args.length > 0 ? `ARG ${args.map((name, index) => (index % 2 === 0 ? name : `${name}=old`)).join(' ')}\n` : ''}# The end.\nCMD ["/run"] # why`,
  'of several stages, on Windows': (args) =>
    `ARG BUILD_ARCH\nARG BUILD_FROM\n${args.map((name) => `ARG ${name}=0\n`).join('')}FROM golang:1 AS build\nRUN true\nFROM \${BUILD_FROM}\nLABEL maintainer="me" \\\n  other=x\n${args.map((name) => `ARG ${name}\n`).join('')}COPY --from=0 /x /y\nCOPY --from=build /x /z\n`.replaceAll(
      '\n',
      '\r\n',
    ),
}

const withBuild = [...corpusAddons()].filter(([, files]) => [...files.keys()].some((name) => name.startsWith('build.')))

describe.each(Object.entries(shapes))('a Dockerfile %s', (_, shape) => {
  test('plans the same before and after, for every add-on of the corpus', async () => {
    let moved = 0
    for (const [folder, files] of withBuild) {
      const build = [...files].find(([name]) => name.startsWith('build.'))?.[1] ?? new Uint8Array()
      const names = [
        ...new Set(
          [
            ...Buffer.from(build)
              .toString('utf8')
              .matchAll(/^\s*"?([A-Z][A-Z0-9_]+)"?\s*:/gm),
          ].map(([, name]) => name ?? ''),
        ),
      ]
      const texts: Texts = new Map<string, string | Uint8Array>([
        ...[...files].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const),
        [`${folder}/Dockerfile`, shape(names.filter((name) => !name.startsWith('BUILD_')))],
      ])
      const { changes, diagnostics } = await migrate({ targets: [folder], changedOnly: false }, memoryFiles(texts))
      const after = changed(texts, changes)
      if (diagnostics.some(({ severity }) => severity === 'error')) {
        expect(changes).toEqual([])
        continue
      }
      moved += 1
      const kept = diagnostics.filter(({ code }) => code === 'migrate/kept')
      expect([...after.keys()].some((name) => /\/build\.\w+$/.test(name))).toBe(
        kept.some(({ message }) => /stays in build\.(yaml|json)/.test(message)),
      )
      const before = await effects(texts, folder)
      // One that cannot be planned has no effects to compare.
      if (Array.isArray(before) && typeof before[0] === 'string') continue
      expect({ folder, effects: await effects(after, folder) }).toEqual({ folder, effects: before })
    }
    expect(moved).toBeGreaterThan(120)
  })
})

describe('bases', () => {
  const bases = (text: string, list: Readonly<Record<string, string>>) =>
    migrateDockerfile(text, 'Dockerfile', {
      bases: new Map(Object.entries(list)) as never,
      args: new Map(),
      labels: new Map(),
    }).text

  test('one for all becomes the default', () => {
    expect(bases('# why\nARG BUILD_FROM # here\nFROM $BUILD_FROM\n', { amd64: 'a/b:1', aarch64: 'a/b:1' })).toBe(
      '# why\nARG BUILD_FROM=a/b:1 # here\nFROM $BUILD_FROM\n',
    )
  })

  test('those that differ by the architecture become one with BUILD_ARCH', () => {
    expect(
      bases('ARG BUILD_FROM=old\nFROM $BUILD_FROM\n', { amd64: 'x/amd64-base:1', aarch64: 'x/aarch64-base:1' }),
    ).toBe('ARG BUILD_ARCH=amd64\nARG BUILD_FROM=x/${BUILD_ARCH}-base:1\nFROM $BUILD_FROM\n')
  })

  test('those that differ otherwise become stages, and counted stages are counted anew', () => {
    expect(
      bases(
        'ARG BUILD_FROM\nFROM golang AS build\nFROM ${BUILD_FROM}\nCOPY --from=0 /a /b\nRUN --mount=type=bind,from=0,target=/x true\n',
        { amd64: 'x/one:1', armv7: 'y/two:2' },
      ),
    ).toBe(
      `ARG BUILD_ARCH=amd64
ARG BUILD_FROM=build-from-\${BUILD_ARCH}
FROM x/one:1 AS build-from-amd64
FROM y/two:2 AS build-from-armv7

FROM golang AS build
FROM \${BUILD_FROM}
COPY --from=2 /a /b
RUN --mount=type=bind,from=2,target=/x true
`,
    )
  })

  test('a missing ARG is written', () => {
    expect(bases('FROM $BUILD_FROM\n', { amd64: 'a/b:1' })).toBe('ARG BUILD_FROM=a/b:1\nFROM $BUILD_FROM\n')
  })

  test('a Dockerfile that does not use BUILD_FROM stays as it is', () => {
    expect(bases('FROM x\n', { amd64: 'a/b:1' })).toBe('FROM x\n')
  })
})

test('arguments get defaults where they are declared, and variables for their placeholders', () => {
  const { text, diagnostics } = migrateDockerfile('FROM a\n# keep\nARG V   W="old"\nARG OTHER\n', 'Dockerfile', {
    bases: new Map(),
    args: new Map([
      ['V', '1.0'],
      ['W', '{arch} of {version}'],
      ['GONE', '1'],
    ]),
    labels: new Map(),
  })
  expect(text).toBe(
    'FROM a\n# keep\nARG BUILD_ARCH\nARG BUILD_VERSION\nARG V=1.0   W="${BUILD_ARCH} of ${BUILD_VERSION}"\nARG OTHER\n',
  )
  expect(diagnostics).toMatchObject([{ code: 'migrate/unused', message: expect.stringContaining('GONE') }])
})

test('labels come last, and nothing that ends in a backslash swallows them', () => {
  const labels = (text: string) =>
    migrateDockerfile(text, 'Dockerfile', {
      bases: new Map(),
      args: new Map(),
      labels: new Map([
        ['a', 'x y'],
        ['b', '{arch}'],
      ]),
    }).text
  expect(labels('FROM a\nRUN x')).toBe('FROM a\nRUN x\n\nARG BUILD_ARCH\nLABEL a="x y" \\\n      b=${BUILD_ARCH}\n')
  expect(labels('FROM a\nARG BUILD_ARCH\nRUN x \\\n')).toBe(
    'FROM a\nLABEL a="x y" \\\n      b=${BUILD_ARCH}\nARG BUILD_ARCH\nRUN x \\\n',
  )
})

test('any value is unchanged in a Dockerfile', () => {
  const value = fc.string().filter((text) => !/[\r\n]|\{(arch|version)\}/.test(text) && text !== '')
  fc.assert(
    fc.property(value, (text) => {
      const { dockerfile } = readDockerfile(`FROM a\nLABEL x=${quote(text)} y=1\n`, 'Dockerfile')
      expect(dockerfile && labelsInDockerfile(dockerfile, undefined, 'amd64', new Map()).get('x')).toBe(text)
    }),
  )
})

test('a label that the Dockerfile has already is not written twice', async () => {
  const files = new Map([
    ['a/build.yaml', 'labels: {same: "x y", other: "x", filled: "$V"}'],
    ['a/Dockerfile', 'FROM b\nARG V\nLABEL same="x y" other=y filled=$V\n'],
  ])
  const { changes } = await migrate({ targets: ['a'], changedOnly: false }, memoryFiles(files))
  expect(changes[0]?.after).toBe(
    `FROM b\nARG V\nLABEL same="x y" other=y filled=$V\n\nLABEL other=x \\\n      filled="\\$V"\n`,
  )
})

describe('a value that a Dockerfile cannot contain', () => {
  const files = (build: string, config = 'name: n\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'): Texts =>
    new Map([
      ['a/build.yaml', build],
      ['a/config.yaml', config],
      ['a/Dockerfile', 'ARG BUILD_FROM\nFROM $BUILD_FROM\n'],
    ])
  const run = (texts: Texts) => migrate({ targets: ['a'], changedOnly: false }, memoryFiles(texts))

  test('stays in build.yaml, with its comments', async () => {
    const { changes, diagnostics } = await run(
      files(
        'build_from: x/y:1\n# Why we trust it.\ncosign:\n  base_identity: z # here\nlabels:\n  one: line\n  # two\n  two: "a\\nb"\n',
      ),
    )
    expect(changes.find(({ file }) => file === 'a/build.yaml')?.after).toBe(
      '# Why we trust it.\ncosign:\n  base_identity: z # here\nlabels:\n  # two\n  two: "a\\nb"\n',
    )
    expect(diagnostics.map(({ code }) => code)).toEqual(['migrate/kept', 'migrate/kept'])
  })

  test('is moved to config.yaml if it belongs there', async () => {
    const { changes } = await run(
      files(
        'image: ghcr.io/o/{arch}-n\nbuild_from: {amd64: x/y:1, armv7: x/y:1}\n',
        '# top\nname: n\nversion: "1"\nslug: s\ndescription: d',
      ),
    )
    expect(changes.find(({ file }) => file === 'a/config.yaml')?.after).toBe(
      '# top\nname: n\nversion: "1"\nslug: s\ndescription: d\nimage: "ghcr.io/o/{arch}-n"\narch:\n  - "amd64"\n  - "armv7"\n',
    )
  })

  test('is left out if every build sets it, with a notice', async () => {
    const { changes, diagnostics } = await run(
      files('args: {BUILD_VERSION: "1"}\nbuild_from: x/y:1\nlabels: {io.hass.arch: "{arch}"}'),
    )
    expect(changes.map(({ file, after }) => [file, after])).toEqual([
      ['a/Dockerfile', 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n'],
      ['a/build.yaml', undefined],
    ])
    expect(diagnostics).toMatchObject([{ code: 'build-yaml/filled-label' }, { code: 'migrate/fixed-argument' }])
  })
})

describe('ways in which people write their files', () => {
  const config = 'name: N\nversion: "1.0"\nslug: s\ndescription: d\narch: [amd64, aarch64]\n'
  const noArch = config.replace(/arch.*\n/, '')
  const bases = 'build_from:\n  amd64: ghcr.io/h/amd64-base:1\n  aarch64: ghcr.io/h/aarch64-base:1\n'
  const docker = 'ARG BUILD_FROM\nFROM $BUILD_FROM\nRUN x\n'

  test.each<[string, Readonly<Record<string, string>>]>([
    ['a version in the base', { 'build.yaml': 'build_from: "x/y:{version}"\n' }],
    [
      'a version in bases that differ',
      { 'build.yaml': 'build_from: {amd64: "x/y:{version}", aarch64: "z/y:{version}"}\n' },
    ],
    ['a config in braces', { 'config.yaml': '{"name": "N", "version": "1", "slug": "s", "description": "d"}\n' }],
    [
      'a config in braces on lines',
      { 'config.yaml': '# top\n{\n  "name": "N",\n  "version": "1", slug: s, "description": "d",\n}\n# end\n' },
    ],
    ['empty braces', { 'config.yaml': '{}' }],
    ['a config that ends with dots', { 'config.yaml': `---\n${noArch}...\n` }],
    ['a config that is indented', { 'config.yaml': noArch.replaceAll(/^/gm, '  ').trimEnd() }],
    ['a config that ends in a text of several lines', { 'config.yaml': `${noArch}url: |-\n  https://x.y\n\n\n` }],
    ['a default in place', { Dockerfile: 'FROM ${BUILD_FROM:-alpine:3}\n' }],
    ['another escape character', { Dockerfile: `# escape=\`\n${docker}ARG V\nLABEL v="$V"\n` }],
    ['BUILD_ARCH that comes too late', { Dockerfile: `ARG BUILD_FROM\nARG BUILD_ARCH=x\nFROM $BUILD_FROM\n` }],
  ])('%s', async (_, more) => {
    const files: Texts = new Map(
      Object.entries({
        'config.yaml': config,
        'build.yaml': `${bases}image: ghcr.io/o/{arch}-n\nargs: {V: 'a "b" \\c \`d'}\nlabels: {w: 'e "f" \\g \`h $i'}\n`,
        Dockerfile: docker,
        ...more,
      }).map(([name, text]) => [`a/${name}`, text]),
    )
    const { changes, diagnostics } = await migrate({ targets: ['a'], changedOnly: false }, memoryFiles(files))
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const after = changed(files, changes)
    expect(after.has('a/build.yaml')).toBe(false)
    expect(await effects(after, 'a')).toEqual(await effects(files, 'a'))
  })

  test('what stays in build.yaml keeps its form', async () => {
    const text =
      '# top\n\nbuild_from:\n  amd64: x/y:1   # why\n  aarch64: x/y:1\n# c\ncosign:   # who\n  base_identity:   z\n\nlabels:\n   a:  1\n   # b\n   b:  "x\\ny"\n# end\n'
    const files = new Map([
      ['a/build.yaml', text],
      ['a/config.yaml', config],
      ['a/Dockerfile', docker],
    ])
    const { changes } = await migrate({ targets: ['a'], changedOnly: false }, memoryFiles(files))
    expect(changes.find(({ file }) => file === 'a/build.yaml')?.after).toBe(
      '# top\n\n# c\ncosign:   # who\n  base_identity:   z\n\nlabels:\n   # b\n   b:  "x\\ny"\n# end\n',
    )
  })

  test('an add-on that would be built differently is not changed', async () => {
    // The name of a stage is that of a base here.
    const files = new Map([
      ['a/build.yaml', 'build_from: {amd64: base, aarch64: other}\n'],
      ['a/config.yaml', config],
      ['a/Dockerfile', 'ARG BUILD_FROM\nFROM a/b AS base\nFROM $BUILD_FROM\n'],
    ])
    const before = await effects(files, 'a')
    const { changes, diagnostics } = await migrate({ targets: ['a'], changedOnly: false }, memoryFiles(files))
    expect(await effects(changed(files, changes), 'a')).toEqual(before)
    expect(diagnostics).toContainEqual(expect.objectContaining({ code: 'migrate/refused' }))
  })
})

describe('the patch', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plan-patch-'))
    execFileSync('git', ['init', '-q', folder])
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is taken by git, for every add-on of the corpus at once', async () => {
    const texts = new Map<string, string | Uint8Array>()
    const shape = Object.values(shapes)
    for (const [index, [path, files]] of withBuild.entries()) {
      for (const [name, bytes] of files) texts.set(`${path}/${name}`, bytes)
      texts.set(`${path}/Dockerfile`, shape[index % shape.length]?.(['TEMPIO_VERSION']) ?? '')
    }
    const { changes } = await migrate(
      { targets: [...withBuild.map(([path]) => path)], changedOnly: false },
      memoryFiles(texts),
    )
    expect(changes.length).toBeGreaterThan(200)
    expect(gitApply(folder, changes)).toEqual(changes.map(({ after }) => after))
  })
})
