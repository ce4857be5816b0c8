// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell and expressions of GitHub.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { corpusAddons, dockerfileFor } from '../addon/corpus.ts'
import type { JobOptions, StepResult } from '../fakes/runner/runner.ts'
import { planOnly, planOutputOf } from './plan-only.ts'

jest.setTimeout(120_000)

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'workflow-lines')
const checkout = (repository: string) =>
  join(fixtures, readdirSync(fixtures).find((name) => name.startsWith(`${repository}@`)) ?? repository)

const config = (slug: string, version: string, arch: string) =>
  `name: N\nversion: "${version}"\nslug: ${slug}\ndescription: d\narch: [${arch}]\nimage: ghcr.io/me/{arch}-${slug}\n`
const files = {
  'a/config.yaml': config('probe', '1.2.3', 'amd64, aarch64'),
  'a/Dockerfile': 'FROM registry.example/base:1\n',
  'b/config.yaml': config('other', '4', 'amd64'),
  'b/Dockerfile': 'FROM registry.example/base:1\n',
  'c/config.yaml': config('every', '5', 'amd64, aarch64, armv7, armhf, i386'),
  'c/build.yaml': 'build_from:\n  amd64: "registry.example/base:"\n  aarch64: registry.example/arm:1\n',
  'c/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
}
const warnings = ({ commands }: StepResult) =>
  commands.filter(({ name }) => name === 'warning' || name === 'error').map(({ message }) => message)

/** What of a plan an option changes. */
async function decided(args: string, more: Partial<JobOptions> = {}) {
  const result = await planOnly({ files, ...more, inputs: { args, ...more.inputs } })
  const { addons, ...decisions } = planOutputOf(result)
  return {
    ...decisions,
    addons: addons.map(({ slug, version }) => `${slug} ${version}`),
    targets: addons.flatMap(({ targets }) => targets.map(({ architecture }) => architecture)),
    names: addons.flatMap(({ targets }) => targets.map(({ image, tags }) => `${image}:${tags.join(',')}`)),
    bases: addons.flatMap(({ targets }) => targets.map(({ baseImage }) => baseImage)),
    labels: addons[0]?.targets[0]?.labels ?? {},
    warnings: warnings(result),
    result,
  }
}

const usual = '--aarch64 --target a'
const all = ['amd64', 'aarch64', 'armv7', 'armhf', 'i386']

test.each<[string, string, object]>([
  ['none of the optional ones', usual, { push: true, noCache: false, pull: true, sign: false, verifyBase: 'auto' }],
  ['--target', '--amd64 --target b', { addons: ['other 4'] }],
  ['-t', '--amd64 -t /data/b', { addons: ['other 4'] }],
  ['--version', `${usual} --version 7`, { addons: ['probe 7'], names: ['ghcr.io/me/aarch64-probe:7,latest'] }],
  ['-v', `${usual} -v 7`, { addons: ['probe 7'] }],
  ['--image', `${usual} --image {arch}-Mine`, { names: ['ghcr.io/me/aarch64-mine:1.2.3,latest'] }],
  ['-i', `${usual} -i mine`, { names: ['ghcr.io/me/mine:1.2.3,latest'] }],
  ['--docker-hub', `${usual} --docker-hub Else`, { names: ['else/aarch64-probe:1.2.3,latest'] }],
  ['-d', `${usual} -d quay.io/else`, { names: ['quay.io/else/aarch64-probe:1.2.3,latest'] }],
  [
    '--release',
    `${usual} --release 9`,
    { labels: expect.objectContaining({ 'org.opencontainers.image.version': '9' }) },
  ],
  ['--additional-tag', `${usual} --additional-tag x`, { names: ['ghcr.io/me/aarch64-probe:1.2.3,latest,x'] }],
  ['--no-latest', `${usual} --no-latest`, { names: ['ghcr.io/me/aarch64-probe:1.2.3'] }],
  ['--version-from', '--amd64 -t c --version-from 5', { bases: ['registry.example/base:5'] }],
  ['--test', `${usual} --test`, { push: false }],
  ['--no-cache', `${usual} --no-cache`, { noCache: true }],
  ['--cosign', `${usual} --cosign`, { sign: 'keyless' }],
  ['--no-cosign-verify', `${usual} --no-cosign-verify`, { verifyBase: false }],
  ['--addon', `${usual} --addon`, { warnings: [] }],
  ['--self-cache', `${usual} --self-cache`, { warnings: [] }],
  ['--cache-tag', `${usual} --cache-tag x`, { warnings: [] }],
  ['--docker-hub-check', `${usual} --docker-hub-check`, { warnings: [expect.stringContaining('--docker-hub-check')] }],
  ['--docker-login', `${usual} --docker-login`, { warnings: [expect.stringContaining('--docker-login')] }],
  ['--release-tag', `${usual} --release-tag`, { warnings: [expect.stringContaining('--release-tag')] }],
  [
    '--no-crossbuild-cleanup',
    `${usual} --no-crossbuild-cleanup`,
    { warnings: [expect.stringContaining('--no-crossbuild-cleanup')] },
  ],
  ['--all', '--all -t c --version-from 5', { targets: all }],
  ...all.map((one): [string, string, object] => [`--${one}`, `--${one} -t c --version-from 5`, { targets: [one] }]),
])('%s works with the bundle as it did', async (_, args, expected) => {
  expect(await decided(args)).toMatchObject(expected)
})

test.each<[Readonly<Record<string, string>>, object]>([
  [{ target: 'b' }, { addons: ['other 7'] }],
  [{ push: 'false' }, { push: false }],
  [{ sign: 'false' }, { sign: false }],
  [{ 'verify-base': 'auto' }, { verifyBase: 'auto' }],
  [{ 'no-cache': 'false' }, { noCache: false }],
  [{ version: '8' }, { addons: ['probe 8'] }],
  [{ tags: 'x' }, { names: ['ghcr.io/me/mine:x'] }],
  [{ architectures: 'aarch64' }, { targets: ['aarch64'] }],
  [{ image: 'ghcr.io/me/given' }, { names: ['ghcr.io/me/given:7,latest'] }],
])('the input %j takes precedence over args if it is given', async (inputs, expected) => {
  const args = '--amd64 --target a --version 7 --cosign --no-cosign-verify --no-cache --image mine'
  expect(await decided(args, { inputs })).toMatchObject(expected)
})

test('--docker-password is read from a variable and masked before any other output', async () => {
  const args = '--aarch64 --target a --docker-user me --docker-password $HUB_TOKEN'
  const { result } = await decided(args, { environment: { HUB_TOKEN: 'dckr_pat_of_mine' } })
  const said = result.commands.findIndex(({ name }) => name !== 'add-mask')
  expect(result.commands.slice(0, said).map(({ message }) => message)).toContain('dckr_pat_of_mine')
  expect(result.log).not.toContain('dckr_pat_of_mine')
  expect(JSON.stringify(result.outputs)).not.toContain('dckr_pat_of_mine')
})

test.each(['--repository x', '-r x', '--branch x', '-b x', '--generic 1', '--machine 1=all'])(
  '%s is refused with a remedy',
  async (option) => {
    const result = await planOnly({ files, inputs: { args: `${usual} ${option}` } })
    expect(result.exitCode).toBe(2)
    expect(warnings(result).join('\n')).toMatch(/is not supported|does not build an add-on/)
  },
)

test('a variable of the runner or of the action is never used in a name (row 2)', async () => {
  const result = await planOnly({
    files,
    inputs: { args: `${usual} \\\n--version $GITHUB_TOKEN --docker-hub $INPUT_PASSWORD`, password: 'hunter2-hunter2' },
    environment: { GITHUB_TOKEN: 'ghs_secret' },
  })
  expect(result.exitCode).toBe(2)
  expect(warnings(result)[0]).toContain('line 2: $GITHUB_TOKEN is not expanded')
})

test('no shell runs: a command is refused with its line, and a value is only text (row 2)', async () => {
  const result = await planOnly({ files, inputs: { args: '--amd64 \\\n--target $(touch hacked)' } })
  expect([result.exitCode, warnings(result)[0]]).toEqual([
    2,
    expect.stringContaining('line 2: command substitution ($(…)) is not supported'),
  ])
  const { addons } = await decided('--aarch64 --target a --version "$REF"', { environment: { REF: '7-$(id)' } }).catch(
    (thrown: Error) => ({ addons: thrown.message }),
  )
  expect(addons).toContain('"7-$(id)" is not a valid version')
})

test("the builder's own input image is ignored with a notice (row 4)", async () => {
  const result = await planOnly({
    copy: checkout('home-assistant__addons'),
    inputs: { args: '--test \\\n--aarch64 \\\n--target /data/ssh \\\n--addon\n', image: 'aarch64' },
  })
  const target = planOutputOf(result).addons[0]?.targets[0]
  expect(target?.image).toBe('homeassistant/aarch64-addon-ssh')
  expect(result.commands.filter(({ name }) => name === 'notice').map(({ message }) => message)).toContainEqual(
    expect.stringContaining('Input "image": "aarch64" selected the image of home-assistant/builder itself'),
  )
})

test('a release of a repository with several add-ons has the version of config.yaml, with and without args (row 6)', async () => {
  const event = {
    name: 'release',
    payload: {
      action: 'published',
      release: { tag_name: 'v2026.11', prerelease: false, draft: false },
      repository: { full_name: 'bluemaex/home-assistant-addons' },
    },
  }
  const line =
    '--aarch64 \\\n--target /data/openbao \\\n--image "ha-addons-openbao-{arch}" \\\n--docker-hub "ghcr.io/bluemaex"\n'
  for (const inputs of [{ args: line }, { target: 'openbao', architectures: 'aarch64' }]) {
    const result = await planOnly({ copy: checkout('bluemaex__home-assistant-addons'), inputs, event })
    expect(planOutputOf(result).addons.map(({ version }) => version)).toEqual(['0.1.1'])
    expect(result.commands.filter(({ name }) => name === 'warning')).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('The release is 2026.11, but the version in config.yaml is 0.1.1'),
        properties: expect.objectContaining({ file: 'openbao/config.yaml' }),
      }),
    )
  }
})

test('texts of block scalars have no line end, for every add-on of the corpus that has one (row 8)', async () => {
  const found = [...corpusAddons()].filter(([, all]) =>
    [...all].some(([name, bytes]) => /\.ya?ml$/.test(name) && hasLineEnd(Buffer.from(bytes).toString('utf8'))),
  )
  const planned: string[] = []
  for (const [folder, all] of found) {
    const result = await planOnly({
      files: {
        ...Object.fromEntries([...all].map(([name, bytes]) => [`${folder}/${name}`, Buffer.from(bytes)])),
        [`${folder}/Dockerfile`]: dockerfileFor(all),
      },
      inputs: { args: `--test --all --target "/data/${folder}"` },
    })
    // Some are refused for something else.
    if (result.exitCode !== 0) continue
    planned.push(folder)
    for (const { targets } of planOutputOf(result).addons) {
      for (const { labels, buildArguments } of targets) {
        for (const text of [...Object.values(labels), ...Object.values(buildArguments)]) expect(text).not.toMatch(/\n$/)
      }
    }
  }
  expect(planned.length).toBeGreaterThanOrEqual(5)
})

/** Among what becomes a label or a build argument. */
function hasLineEnd(text: string): boolean {
  const plain = (() => {
    try {
      return (parse(text, { uniqueKeys: false }) ?? {}) as Record<string, unknown>
    } catch {
      return {}
    }
  })()
  const values = [plain.name, plain.description, plain.url, ...inner(plain.labels), ...inner(plain.args)]
  return values.some((value) => typeof value === 'string' && value.endsWith('\n'))
}
const inner = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : []
