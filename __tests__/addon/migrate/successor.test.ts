// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import fc from 'fast-check'
import { parse } from 'yaml'
import { patchOf } from '../../../src/addon/migrate/patch.ts'
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { readAddons } from '../../../src/addon/read.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'
import { workflowProblems } from '../../project/workflow-problems.ts'
import { optionsOf, pushToMain } from '../corpus.ts'
import { example, inputsOf, successorPublishes, exampleWith as with_ } from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'org/aicleaner-build@v1')
const isLeft = (text: string): boolean => /home-assistant\/builder\/actions/.test(text)

const contexts = {
  github: { repository_owner: 'owner', event: { release: { tag_name: '1.2.3' } } },
  secrets: { GITHUB_TOKEN: 'token' },
  needs: { init: { outputs: { publish: 'true', image: 'named', archs: '["aarch64", "amd64"]', version: '7.7' } } },
}

/** What this action would publish for the step of a migrated workflow: image → tags. */
async function planned(text: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const inputs = inputsOf(text, 'org/aicleaner-build@', contexts)
  const options = await optionsOf(inputs)
  const config = 'name: N\nversion: "9"\nslug: s\ndescription: d\narch: [amd64, aarch64]\n'
  const folder = (inputs.target ?? '.').replace(/^\.\/?/, '')
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`)
  const files = memoryFiles(
    new Map([
      [at('config.yaml'), config],
      [at('Dockerfile'), 'FROM a/b:1\n'],
    ]),
  )
  const { addons } = await readAddons(options, files)
  const { plan, diagnostics } = makePlan(addons, options, { ...pushToMain, owner: 'owner' })
  if (!plan) throw new Error(JSON.stringify(diagnostics))
  if (!options.push) return new Map()
  return new Map(
    plan.addons.flatMap((addon) => [
      ...addon.targets.map(({ image, tags }) => [image, tags] as const),
      ...(addon.multiArch ? [[addon.multiArch.image, addon.multiArch.tags] as const] : []),
    ]),
  )
}

const sorted = (map: ReadonlyMap<string, readonly string[]>) =>
  [...map].map(([image, tags]) => [image, [...tags].sort()]).sort()

test('the three jobs of the example become one', () => {
  const { text, diagnostics } = run(example)
  expect(`\n${patchOf({ file: 'w.yml', before: example, after: text })}`).toBe(`
diff --git a/w.yml b/w.yml
--- a/w.yml
+++ b/w.yml
@@ -12,61 +12,27 @@
   contents: read
 
 jobs:
-  init:
-    name: Initialize build
-    runs-on: ubuntu-latest
-    outputs:
-      matrix: \${{ steps.matrix.outputs.matrix }}
-    steps:
-      - uses: actions/checkout@v6
-
-      - name: Get build matrix
-        id: matrix
-        uses: home-assistant/builder/actions/prepare-multi-arch-matrix@2026.06.0
-        with:
-          architectures: \${{ env.ARCHITECTURES }}
-          image-name: \${{ env.IMAGE_NAME }}
-
   build:
-    name: Build \${{ matrix.arch }} image
-    needs: init
-    runs-on: \${{ matrix.os }}
+    name: Build image
+    runs-on: ubuntu-latest
     permissions:
       contents: read # To check out the code
       id-token: write
       packages: write
-    strategy:
-      fail-fast: false
-      matrix: \${{ fromJSON(needs.init.outputs.matrix) }}
     steps:
       - uses: actions/checkout@v6
 
+      - uses: sigstore/cosign-installer@6f9f17788090df1f26f669e9d70d6ae9567deba6 # v4.1.2
+
       - name: Build image
-        uses: home-assistant/builder/actions/build-image@2026.06.0
+        uses: org/aicleaner-build@v1
         with:
-          arch: \${{ matrix.arch }}
-          container-registry-password: \${{ secrets.GITHUB_TOKEN }}
-          image: \${{ matrix.image }}
-          image-tags: |
+          architectures: \${{ join(fromJSON(env.ARCHITECTURES), ',') }}
+          password: \${{ secrets.GITHUB_TOKEN }}
+          image: ghcr.io/\${{ github.repository_owner }}/{arch}-\${{ env.IMAGE_NAME }}
+          tags: |
             \${{ github.event.release.tag_name }}
             latest
           push: "true"
           version: \${{ github.event.release.tag_name }}
-
-  manifest:
-    name: Publish multi-arch manifest
-    needs: [init, build]
-    runs-on: ubuntu-latest
-    permissions:
-      id-token: write
-      packages: write
-    steps:
-      - name: Publish multi-arch manifest
-        uses: home-assistant/builder/actions/publish-multi-arch-manifest@2026.06.0
-        with:
-          architectures: \${{ env.ARCHITECTURES }}
-          container-registry-password: \${{ secrets.GITHUB_TOKEN }}
-          image-name: \${{ env.IMAGE_NAME }}
-          image-tags: |
-            \${{ github.event.release.tag_name }}
-            latest
+          sign: keyless
`)
  expect(diagnostics).toMatchObject([
    {
      severity: 'notice',
      code: 'migrate/one-job',
      message: expect.stringContaining('"init" and "manifest" are removed. It runs on one machine'),
      remedy: expect.stringContaining('build-addon.yml'),
      where: { file: 'w.yml', line: 44 },
    },
  ])
})

/** As apps-example and the plugins of Home Assistant do: the first job finds things out, and its outputs are used. */
const moreOutputs = [
  [
    '      matrix: ${{ steps.matrix.outputs.matrix }}',
    '      matrix: ${{ steps.matrix.outputs.matrix }}\n      publish: ${{ steps.info.outputs.publish }}\n      image: ${{ steps.info.outputs.image }}\n      archs: ${{ steps.info.outputs.archs }}',
  ],
  [
    '      - name: Get build matrix',
    '      - name: Find out\n        id: info\n        run: ./find-out.sh\n\n      - name: Get build matrix',
  ],
] as const

const pushes = ['          push: "true"', '          push: ${{ needs.init.outputs.publish }}'] as const
const onCondition = (condition: string) =>
  ['    needs: [init, build]\n', `    needs: [init, build]\n    if: ${condition}\n`] as const
const later = (more: string) =>
  [
    '  manifest:\n',
    `  later:\n${more}    runs-on: ubuntu-latest\n    steps:\n      - run: echo "$IMAGE"\n        env:\n          IMAGE: my-image\n\n  manifest:\n`,
  ] as const

const rewritten: readonly (readonly [string, string])[] = [
  ['the example', example],
  ['with the ends of lines of Windows', example.replaceAll('\n', '\r\n')],
  [
    'with another owner and name',
    with_(
      [
        '          image-name: ${{ env.IMAGE_NAME }}\n\n',
        '          image-name: addon-x\n          registry-prefix: quay.io/someone\n\n',
      ],
      [
        '          image-name: ${{ env.IMAGE_NAME }}\n          image-tags',
        '          image-name: addon-x\n          registry-prefix: quay.io/someone\n          image-tags',
      ],
    ),
  ],
  [
    'with architectures that are written out',
    with_(
      ['architectures: ${{ env.ARCHITECTURES }}', `architectures: '["amd64", "aarch64"]'`],
      ['architectures: ${{ env.ARCHITECTURES }}', `architectures: '["amd64", "aarch64"]'`],
    ),
  ],
  [
    'with outputs of the first job',
    with_(
      ...moreOutputs,
      ['architectures: ${{ env.ARCHITECTURES }}', 'architectures: ${{ steps.info.outputs.archs }}'],
      ['image-name: ${{ env.IMAGE_NAME }}', 'image-name: ${{ steps.info.outputs.image }}'],
      ['architectures: ${{ env.ARCHITECTURES }}', 'architectures: ${{ needs.init.outputs.archs }}'],
      ['image-name: ${{ env.IMAGE_NAME }}', 'image-name: ${{ needs.init.outputs.image }}'],
    ),
  ],
  ['that pushes on a condition', with_(...moreOutputs, pushes, onCondition("needs.init.outputs.publish == 'true'"))],
  [
    'with a context, a Dockerfile and arguments for each architecture',
    with_([
      '          push: "true"',
      '          context: ./x\n          file: x/Dockerfile\n          build-args: |\n            BUILD_FROM=ghcr.io/home-assistant/${{ matrix.arch }}-base:3.24\n          labels: my.arch=${{matrix.arch}}\n          push: "true"',
    ]),
  ],
  [
    'with names in quotes and comments between',
    with_(
      ['    name: Build ${{ matrix.arch }} image', '    # Builds.\n    name: Build for ${{ matrix.arch }}'],
      ['      - name: Build image', '      # Here.\n      - name: Build image'],
    ),
  ],
  ['without the job that joins the images', example.slice(0, example.indexOf('  manifest:')).trimEnd().concat('\n')],
  ['with a job behind it that waits for the joined image', with_(later('    needs: manifest\n'))],
]

test.each(rewritten)('what a workflow publishes stays the same: %s', async (_, before) => {
  const { text, diagnostics } = run(before)
  expect(diagnostics.map(({ code }) => code)).toEqual(['migrate/one-job'])
  expect(isLeft(text)).toBe(false)
  const same = before.includes('\r\n') ? before.replaceAll('\r\n', '\n') : before
  const prepare = same.replaceAll('steps.info.outputs', 'needs.init.outputs')
  expect(sorted(await planned(text))).toEqual(sorted(successorPublishes(prepare, contexts)))
  expect(await workflowProblems('.github/workflows/w.yml', text.replaceAll('\r\n', '\n'))).toEqual([])
  // Lines with one end only, as before.
  expect(/[^\r]\n/.test(text)).toBe(!before.includes('\r\n'))
})

test('build arguments and labels name the architecture by its placeholder', () => {
  const before = rewritten.find(([name]) => name.startsWith('with a context'))?.[1] ?? ''
  expect(inputsOf(run(before).text, 'org/aicleaner-build@', contexts)).toMatchObject({
    target: './x',
    file: 'x/Dockerfile',
    'build-args': 'BUILD_FROM=ghcr.io/home-assistant/{arch}-base:3.24\n',
    labels: 'my.arch={arch}',
  })
})

test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string | undefined>>, string]>([
  ['nothing is signed', { cosign: 'false' }, { sign: undefined }, ''],
  [
    'the cache of GitHub is off',
    { 'cache-gha': 'false', 'cache-gha-scope': 'x' },
    { cache: 'inline', 'cache-scope': 'x' },
    '',
  ],
  [
    'the cache of GitHub is on',
    { 'cache-gha': 'true', 'cache-image-tag': 'edge' },
    { cache: undefined },
    '"cache-gha" is removed, "cache-image-tag" is removed',
  ],
  [
    'the base is verified',
    { 'cosign-base-identity': 'https://x/.*', 'cosign-base-verify': 'a/b:1', 'cosign-issuer': 'https://i' },
    { 'verify-base': 'keyless:https://x/.*', 'verify-base-issuer': 'https://i' },
    '"cosign-issuer" is removed, "cosign-base-verify" is removed',
  ],
  ['another registry', { 'container-registry': 'docker.io' }, { registry: 'docker.io', username: 'owner' }, ''],
  [
    'another user',
    { 'container-registry': 'docker.io', 'container-registry-username': 'me' },
    { registry: 'docker.io', username: 'me' },
    '',
  ],
])('the inputs mean the same where %s', async (_, given, expected, removed) => {
  const lines = Object.entries(given).map(([name, value]) => `          ${name}: "${value}"\n`)
  const shared = lines.filter((line) => /^ *(?:container|cosign:)/.test(line)).join('')
  const before = with_(
    ['          push: "true"\n', `${lines.join('')}          push: "true"\n`],
    [
      '          image-name: ${{ env.IMAGE_NAME }}\n          image-tags',
      `          image-name: \${{ env.IMAGE_NAME }}\n${shared}          image-tags`,
    ],
  )
  const { text, diagnostics } = run(before)
  const inputs = inputsOf(text, 'org/aicleaner-build@', contexts)
  for (const [name, value] of Object.entries(expected)) expect([name, inputs[name]]).toEqual([name, value])
  const told = diagnostics.filter(({ code }) => code === 'migrate/no-counterpart')
  expect(told.map(({ message }) => message.replace(/:.*/s, '')).join(', ')).toBe(removed)
  expect(text.includes('cosign-installer')).toBe(inputs.sign !== undefined || inputs['verify-base'] !== undefined)
  await expect(optionsOf(inputs)).resolves.toBeDefined()
  expect(await workflowProblems('.github/workflows/w.yml', text)).toEqual([])
})

describe('a job that waited for the joined image', () => {
  const conditional = (more: string) =>
    with_(...moreOutputs, pushes, onCondition("needs.init.outputs.publish == 'true'"), later(more))
  const laterOf = (text: string) => (parse(run(text).text) as { jobs: { later: object } }).jobs.later

  test.each([
    [
      'with the same condition keeps it',
      "    needs: [init, manifest]\n    if: ${{ needs.init.outputs.publish == 'true' }}\n",
      { if: "${{ needs.init.outputs.publish == 'true' }}", needs: ['init', 'build'] },
    ],
    [
      'without one gets that of the removed job',
      '    needs:\n      - init\n      - manifest\n',
      { if: "needs.init.outputs.publish == 'true'", needs: ['init', 'build'] },
    ],
    [
      'with another one has both',
      "    needs: [init, build, manifest]\n    if: github.ref_name == 'main' || github.ref_name == 'beta'\n",
      {
        if: "(github.ref_name == 'main' || github.ref_name == 'beta') && needs.init.outputs.publish == 'true'",
        needs: ['init', 'build'],
      },
    ],
  ])('%s', async (_, more, expected) => {
    expect(laterOf(conditional(more))).toMatchObject(expected)
    expect(await workflowProblems('.github/workflows/w.yml', run(conditional(more)).text)).toEqual([])
  })

  test.each([
    ['runs although others failed', '    needs: [init, manifest]\n    if: always()\n'],
    ['does not know what the condition needs', '    needs: manifest\n'],
    ['reads its result', "    needs: [init, manifest]\n    if: needs.manifest.result == 'success'\n"],
  ])('keeps the workflow as it is where it %s', (_, more) => {
    expect(run(conditional(more))).toMatchObject({
      text: conditional(more),
      diagnostics: [
        { severity: 'warning', code: 'migrate/workflow-kept', message: expect.stringContaining('in the job "later"') },
      ],
    })
  })
})

describe('a step that builds for a separate matrix', () => {
  // After .github/workflows/release.yml of atbore-phx/sbam.
  const own = `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include: [{ goarch: amd64, haarch: amd64 }, { goarch: arm64, haarch: aarch64 }]
    steps:
      - run: GOARCH=\${{ matrix.goarch }} ./compile.sh
      - name: Build add-on image \${{ matrix.haarch }}
        uses: home-assistant/builder/actions/build-image@2026.03.2 # 2026.03.2
        with:
          arch: \${{ matrix.goarch }}
          image: ghcr.io/\${{ github.repository_owner }}/ha-\${{ matrix.haarch }}-sbam
          image-tags: edge
          version: edge
          context: sbam
          cosign: "false"
          container-registry-password: \${{ secrets.GITHUB_TOKEN }}
          push: "true"
`
  test('is replaced where it is', async () => {
    const { text, diagnostics } = run(own)
    expect(diagnostics).toEqual([])
    expect(text).toBe(
      own
        .replace('home-assistant/builder/actions/build-image@2026.03.2 # 2026.03.2', 'org/aicleaner-build@v1')
        .replace(' arch:', ' architectures:')
        .replace('image-tags:', 'tags:')
        .replace('context:', 'target:')
        .replace('          cosign: "false"\n', '')
        .replace('container-registry-password:', 'password:')
        .concat("          multi-arch-image: 'false'\n"),
    )
    expect(await workflowProblems('.github/workflows/w.yml', text)).toEqual([])
    const inputs = inputsOf(text, 'org/aicleaner-build@', {
      ...contexts,
      matrix: { goarch: 'arm64', haarch: 'aarch64' },
    })
    expect(await optionsOf(inputs)).toMatchObject({
      architectures: ['aarch64'],
      image: 'ghcr.io/owner/ha-aarch64-sbam',
      multiArchImage: false,
      push: true,
    })
  })

  test('is signed as before: cosign is installed once for all steps of the job', () => {
    const signed = own.replace('          cosign: "false"\n', '')
    const twice = signed + signed.slice(signed.indexOf('      - name: Build add-on'))
    const { steps } = (
      parse(run(twice).text) as { jobs: { image: { steps: readonly { uses?: string; with?: object }[] } } }
    ).jobs.image
    expect(steps.map(({ uses }) => uses)).toEqual([
      undefined,
      expect.stringContaining('sigstore/cosign-installer@'),
      'org/aicleaner-build@v1',
      'org/aicleaner-build@v1',
    ])
    expect(steps[3]?.with).toMatchObject({ sign: 'keyless' })
  })

  test('leaves steps without a counterpart, and reports them', () => {
    const verify = `      - name: Verify
        uses: home-assistant/builder/actions/cosign-verify@2026.06.0
        with: { image: a/b }
`
    const { text, diagnostics } = run(own + verify)
    expect(text.endsWith(verify)).toBe(true)
    expect(diagnostics).toMatchObject([
      {
        severity: 'notice',
        code: 'migrate/no-counterpart',
        message: expect.stringContaining('"cosign-verify" stays'),
        where: { line: 22 },
      },
    ])
  })
})

test('a workflow of any form is rewritten completely or not at all', () => {
  const jobs = [...example.slice(example.indexOf('  init:')).matchAll(/^ {2}\w+:\n(?: {3}.*\n|\n)*/gm)].map(([job]) =>
    job.trimEnd(),
  )
  const other =
    '  lint:\n    # Why.\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          uses: home-assistant/builder/actions/build-image@x'
  const form = fc.record({
    order: fc.shuffledSubarray([...jobs, other], { minLength: 4 }),
    between: fc.constantFrom('\n', '\n\n', '\n\n\n', '\n\n  # About it.\n'),
    end: fc.constantFrom('', '\n', '\n\n\n'),
    comments: fc.boolean(),
    tight: fc.boolean(),
  })
  fc.assert(
    fc.property(form, ({ order, between, end, comments, tight }) => {
      let body = order.join(between)
      if (comments) body = body.replaceAll(/^( +)(with|steps|needs):/gm, '$1# Of it.\n$1$2:')
      if (tight) body = body.replaceAll(/\n\n( +- )/g, '\n$1')
      const before = example.slice(0, example.indexOf('  init:')) + body + end
      const { text } = run(before)
      const [was, is] = [parse(before), parse(text)]
      expect(is.jobs.lint).toEqual(was.jobs.lint)
      expect({ ...is, jobs: undefined }).toEqual({ ...was, jobs: undefined })
      expect(Object.keys(is.jobs).sort()).toEqual(['build', 'lint'])
      expect(is.jobs.build.steps.map(({ uses }: { uses: string }) => uses)).toEqual([
        'actions/checkout@v6',
        expect.stringContaining('sigstore/cosign-installer@'),
        'org/aicleaner-build@v1',
      ])
    }),
  )
})
