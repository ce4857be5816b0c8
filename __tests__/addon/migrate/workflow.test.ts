// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse } from 'yaml'
import { migrate } from '../../../src/addon/migrate/migrate.ts'
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { migrateWorkflows } from '../../../src/addon/migrate/workflows.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'

const migrated = (text: string): string => migrateWorkflow(text, 'w.yml', 'x/y@v1').text
const job = (steps: string): string => `jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`

describe('the step of the retired builder', () => {
  const workflow = `name: Build # x
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Build \${{ matrix.arch }}   # the old one
        uses: "home-assistant/builder@2025.11.0" # pinned
        with:
          args: |
            --\${{ matrix.arch }} \\
            --target ./aicleaner_v3
      - uses:   home-assistant/builder@master
      - run: |
          - uses: home-assistant/builder@master
`

  test('changes in the name of its action only', () => {
    expect(migrated(workflow)).toBe(
      workflow
        .replace('"home-assistant/builder@2025.11.0"', '"x/y@v1"')
        .replace('- uses:   home-assistant/builder@master', '- uses:   x/y@v1'),
    )
  })

  // From home-assistant/addons, .github/workflows/builder.yml at 3158bce.
  const official = job(`      - name: Build \${{ matrix.addon }} app
        if: steps.check.outputs.build_arch == 'true'
        uses: home-assistant/builder@6cb4fd3d1338b6e22d0958a4bcb53e0965ea63b4 # 2026.02.1
        with:
          image: \${{ matrix.arch }}
          args: |
            \${{ env.BUILD_ARGS }} \\
            --\${{ matrix.arch }} \\
            --target /data/\${{ matrix.addon }} \\
            --addon
`)

  test.each([
    ['with the ends of lines of Linux', official],
    ['with those of Windows', official.replaceAll('\n', '\r\n')],
  ])('loses the input "image" of the builder and the comment with its version, %s', (_, text) => {
    const eol = text.includes('\r\n') ? '\r\n' : '\n'
    expect(migrated(text)).toBe(
      text
        .replace('home-assistant/builder@6cb4fd3d1338b6e22d0958a4bcb53e0965ea63b4 # 2026.02.1', 'x/y@v1')
        .replace(`          image: \${{ matrix.arch }}${eol}`, ''),
    )
  })

  test('has a notice with location for each removed input', () => {
    const { diagnostics } = migrateWorkflow(
      official.replace('args:', 'pull: false\n          args:'),
      'w.yml',
      'x/y@v1',
    )
    expect(diagnostics).toMatchObject([
      { severity: 'notice', code: 'migrate/builder-input', where: { file: 'w.yml', line: 9, column: 11 } },
      { severity: 'notice', code: 'migrate/builder-input', where: { file: 'w.yml', line: 10, column: 11 } },
    ])
  })

  test.each([
    ['v2026.02.1', true],
    ['tag=2026.02.1', true],
    ['pin@2026.02', true],
    ['ratchet:home-assistant/builder@2026.02.1', true],
    ['master', true],
    ['pinned', false],
    ['2026.02.1 is the last one', false],
  ])('with the comment "%s" loses it: %s', (comment, lost) => {
    const text = job(`      - uses: home-assistant/builder@master # ${comment}\n        with: { args: --all }\n`)
    expect(migrated(text)).toContain(lost ? 'uses: x/y@v1\n' : `uses: x/y@v1 # ${comment}\n`)
  })

  test.each([
    ['first of three', '{ image: amd64, args: --all, pull: true }', '{ args: --all }'],
    ['last of three', '{ args: --all, pull: true, image: amd64 }', '{ args: --all }'],
    ['on both sides', '{ pull: true, args: "--all, x", image: amd64 }', '{ args: "--all, x" }'],
  ])('in braces, %s', (_, written, left) => {
    expect(migrated(job(`      - uses: home-assistant/builder@master\n        with: ${written} # why\n`))).toBe(
      job(`      - uses: x/y@v1\n        with: ${left} # why\n`),
    )
  })

  test('without any other input loses "with" as well', () => {
    expect(
      migrated(
        job('      - uses: home-assistant/builder@master\n        with:\n          image: amd64\n        id: x\n'),
      ),
    ).toBe(job('      - uses: x/y@v1\n        id: x\n'))
  })

  test('keeps its meaning in any notation', () => {
    const inputs = fc.uniqueArray(fc.constantFrom('image', 'pull', 'args', 'x'), { minLength: 1 })
    const text = fc.record({
      inputs,
      flow: fc.boolean(),
      comment: fc.constantFrom('', ' # 2026.02.1', ' # why'),
      quote: fc.constantFrom('', '"', "'"),
      eol: fc.constantFrom('\n', '\r\n'),
      before: fc.constantFrom('', '\n', '        # first\n'),
      end: fc.constantFrom('', '\n', '\n\n'),
    })
    fc.assert(
      fc.property(text, (one) => {
        const pairs = one.inputs.map((name) => `${name}: ${name === 'args' ? '--all' : 'amd64'}`)
        const given = one.flow
          ? ` { ${pairs.join(', ')} }`
          : pairs.map((pair) => `\n          ${pair} # of it`).join('')
        const step = `      - name: B\n${one.before}        uses: ${one.quote}home-assistant/builder@1${one.quote}${one.comment}\n        with:${given}${one.end}`
        const written = job(step).replaceAll('\n', one.eol)
        const wanted = parse(written)
        const { with: _, ...rest } = wanted.jobs.build.steps[0]
        const left = one.inputs.filter((name) => name === 'args' || name === 'x')
        wanted.jobs.build.steps[0] = {
          ...rest,
          uses: 'x/y@v1',
          ...(left.length > 0 && {
            with: Object.fromEntries(left.map((name) => [name, name === 'args' ? '--all' : 'amd64'])),
          }),
        }
        expect(parse(migrated(written))).toEqual(wanted)
        expect(migrated(written).includes('2026.02.1')).toBe(false)
        expect(migrated(written).includes('# why')).toBe(one.comment === ' # why')
      }),
    )
  })

  test('is not changed if it uses another action', () => {
    const text = 'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n'
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toEqual({ text, diagnostics: [] })
  })

  test('is not changed in invalid YAML, with a notice and its line', () => {
    const text = 'jobs:\n  a: [home-assistant/builder@master\n'
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toMatchObject({
      text,
      diagnostics: [{ severity: 'warning', code: 'migrate/workflow-kept', where: { file: 'w.yml' } }],
    })
  })

  test('is not changed in an unreadable file, with a notice', async () => {
    const files = memoryFiles(
      new Map<string, string | Uint8Array>([['.github/workflows/b.yml', workflow + '#'.repeat(200_000)]]),
    )
    const { changes, diagnostics } = await migrate({ targets: ['.'], changedOnly: false }, files)
    expect(changes).toEqual([])
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'migrate/workflow-kept',
        message: expect.stringContaining('larger than 128 kB'),
      }),
    )
  })

  test('is changed in workflows and in composite actions, together with the add-ons', async () => {
    const composite =
      'runs:\n  using: composite\n  steps:\n    - uses: home-assistant/builder@master\n      with: { args: --all }\n'
    const files = memoryFiles(
      new Map([
        ['.github/workflows/b.yml', workflow],
        ['.github/actions/build/action.yml', composite],
        ['.github/actions/build/other.yml', composite],
        ['config.yaml', 'name: x\nversion: "1"\nslug: x\ndescription: d\narch: [amd64]\n'],
        ['Dockerfile', 'FROM a/b\n'],
      ]),
    )
    const { changes } = await migrate({ targets: ['.'], changedOnly: false }, files)
    expect(changes.map(({ file }) => file)).toEqual(['.github/workflows/b.yml', '.github/actions/build/action.yml'])
  })
})

describe('a workflow', () => {
  const kept = (message: string, remedy: string, line: number, column: number) => ({
    severity: 'warning',
    code: 'migrate/workflow-kept',
    message,
    remedy,
    where: { file: 'w.yml', line, column },
  })

  test('that is no YAML stays as it is', () => {
    const text = 'jobs:\n  a: "home-assistant/builder@master\n'
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toEqual({
      text,
      diagnostics: [
        kept(
          expect.stringMatching(
            /^The file is not changed, because it is not valid YAML: "Missing closing \\"quote.*"\.$/s,
          ) as never,
          'Correct it and run this again.',
          3,
          1,
        ),
      ],
    })
  })

  test('whose step is in braces with its inputs stays as it is', () => {
    const text = job('      - run: x\n      - { uses: home-assistant/builder@1, with: { image: x } }\n')
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toEqual({
      text,
      diagnostics: [
        kept(
          'The file is not changed, because its format does not allow changes to single lines.',
          'Write "uses: x/y@v1" by hand instead of the steps of home-assistant/builder.',
          6,
          17,
        ),
      ],
    })
  })

  test.each([
    ['only names the builder', 'jobs: {} # home-assistant/builder@1\n'],
    ['uses another action of that name', job('      - uses: x/home-assistant/builder@1\n')],
    ['has no jobs', 'home-assistant/builder@1'],
  ])('that %s stays as it is', (_, text) => {
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toEqual({ text, diagnostics: [] })
  })

  test('may name the builder in any case', () => {
    expect(migrated(job('      - uses: Home-Assistant/Builder@1\n        with: { args: x }\n'))).toBe(
      job('      - uses: x/y@v1\n        with: { args: x }\n'),
    )
  })

  test('has a notice about each input of the builder', () => {
    const { diagnostics } = migrateWorkflow(
      job('      - uses: home-assistant/builder@1\n        with:\n          image: a\n          pull: b\n'),
      'w.yml',
      'x/y@v1',
    )
    expect(diagnostics).toEqual(
      [
        'The input "image" is removed: it selected the image of the retired builder itself, but would be the name of the add-on image here.',
        'The input "pull" is removed: it applied to the image of the retired builder itself, but would apply to the base images here.',
      ].map((message, index) => ({
        severity: 'notice',
        code: 'migrate/builder-input',
        message,
        remedy: 'No action is needed.',
        where: { file: 'w.yml', line: 7 + index, column: 11 },
      })),
    )
  })

  test.each([
    [
      'cosign-verify',
      'this action has no step that only verifies a signature',
      'Where it verifies the base image, use the input "verify-base: keyless:IDENTITY" and remove the step. Otherwise keep it; it needs cosign.',
    ],
    [
      'publish-multi-arch-manifest',
      'the images that it joins are built by separate steps',
      'Build all architectures with one step of this action, which publishes the multi-architecture image as well, and remove this one.',
    ],
    [
      'prepare-multi-arch-matrix',
      'no step in this file builds with its matrix',
      'Use "mode: plan", whose output "matrix" has "architecture" and "runner", or remove the step.',
    ],
    ['other', 'it is unknown', 'See https://github.com/home-assistant/builder for what it does.'],
  ])('keeps a step of %s, and says so', (kind, what, remedy) => {
    const text = job(`      - uses: Home-Assistant/builder/actions/${kind}@1\n`)
    expect(migrateWorkflow(text, 'w.yml', 'x/y@v1')).toEqual({
      text,
      diagnostics: [
        {
          severity: 'notice',
          code: 'migrate/no-counterpart',
          message: `"${kind}" stays: ${what}.`,
          remedy,
          where: { file: 'w.yml', line: 5, column: 15 },
        },
      ],
    })
  })
})

describe('the files of workflows', () => {
  const step = job('      - uses: home-assistant/builder@1\n')

  test('are those that GitHub reads', async () => {
    const read = ['workflows/a.yml', 'workflows/b.yaml', 'actions/x/action.yml', 'actions/y/action.yaml']
    const other = [
      'workflows/a.yml.bak',
      'workflows/ayml',
      'workflows/x/a.yml',
      'workflows/d.yml/e',
      'actions/action.yml',
      'actions/x/my-action.yml',
      'actions/x/action.yml.bak',
      'actions/x/y/action.yml',
    ]
    const files = memoryFiles(new Map([...read, ...other].map((name) => [`.github/${name}`, step])))
    const { changes, diagnostics } = await migrateWorkflows(files)
    expect(changes.map(({ file }) => file)).toEqual(read.map((name) => `.github/${name}`))
    expect(changes[0]).toMatchObject({
      before: step,
      after: step.replace('home-assistant/builder@1', 'org/aicleaner-build@v1'),
    })
    expect(diagnostics).toEqual([])
  })

  test('that cannot be read are reported with the reason', async () => {
    const files = memoryFiles(
      new Map<string, string | Uint8Array>([
        ['.github/workflows/a.yml', new Uint8Array([0x61, 0x0a, 0xff])],
        ['.github/workflows/b.yml', step],
        ['.github/workflows/c.yml', 'jobs: {}\n'],
      ]),
    )
    const { changes, diagnostics } = await migrateWorkflows(files)
    expect(changes.map(({ file }) => file)).toEqual(['.github/workflows/b.yml'])
    expect(diagnostics).toEqual([
      {
        severity: 'warning',
        code: 'migrate/workflow-kept',
        message: 'The file is not checked: The file is not UTF-8 text.',
        remedy: 'Save it as UTF-8.',
        where: { file: '.github/workflows/a.yml', line: 2, column: 1 },
      },
    ])
  })

  test.each([
    ['in a folder outside', 'outside' as const],
    ['in no folder', undefined],
  ])('are none %s', async (_, entries) => {
    const files = { ...memoryFiles(new Map()), list: async () => entries }
    expect(await migrateWorkflows(files)).toEqual({ changes: [], diagnostics: [] })
  })

  test('that are deleted while they are read are ignored', async () => {
    const files = {
      ...memoryFiles(new Map()),
      list: async () => [{ name: 'a.yml', kind: 'file' as const, link: false }],
    }
    expect(await migrateWorkflows(files)).toEqual({ changes: [], diagnostics: [] })
  })
})

test('docs/migrate.md shows a workflow before and after as "migrate" changes it', () => {
  const page = readFileSync(new URL('../../../docs/migrate.md', import.meta.url), 'utf8')
  const [before = '', after] = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, block]) => block)
  expect(before).toContain('home-assistant/builder@')
  expect(migrateWorkflow(before, 'w.yml', 'org/aicleaner-build@v1').text).toBe(after)
})
