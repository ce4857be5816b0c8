import { expect, jest, test } from '@jest/globals'
import { pushEvent } from '../fakes/github/events.ts'
import { startGitHub } from '../fakes/github/github.ts'
import type { StepResult } from '../fakes/runner/runner.ts'
import { planOnly } from './plan-only.ts'
import { apiOf } from './pull-request.ts'

jest.setTimeout(120_000)

const config = (slug: string, more = ''): string =>
  `name: N\nversion: "1.2.3"\nslug: ${slug}\ndescription: d\narch: [amd64, aarch64]\n${more}`
const dockerfile = 'ARG BUILD_FROM=registry.example/base:1\nFROM $BUILD_FROM\n'
const saidBy = ({ commands }: StepResult, name: string) => commands.filter((command) => command.name === name)

test('no text of a file becomes a command for the runner', async () => {
  const hostile = String.raw`"a\n::error::one\r\n  ::set-output name=version::two\n##[error]three\e[31m"`
  const result = await planOnly({
    inputs: { target: 'a' },
    files: {
      'a/config.yaml': config('a').replace('description: d', `description: ${hostile}`).replace('N', hostile),
      'a/build.yaml': `args: {X: ${hostile}}\nlabels: {y: ${hostile}}\n`,
      'a/Dockerfile': dockerfile,
    },
  })
  expect(result.exitCode).toBe(0)
  expect(saidBy(result, 'error')).toEqual([])
  expect(result.outputs.version).toBe('1.2.3')
  expect(JSON.parse(result.outputs.plan ?? '').addons[0].targets[0].buildArguments.X).toContain('\n::error::one\r\n')
  expect(result.log).not.toContain('\u001b')
  expect(result.problems).toEqual([])
})

test.each(['..', '.', '.git', '../../x', '/etc'])('the slug %s is refused at its line', async (slug) => {
  const result = await planOnly({
    inputs: { target: 'a' },
    files: { 'a/config.yaml': config(slug), 'a/Dockerfile': dockerfile },
  })
  expect(result.exitCode).toBe(2)
  expect(saidBy(result, 'error')).toMatchObject([
    {
      properties: { file: 'a/config.yaml', line: '3' },
      message: expect.stringContaining(`"${slug}" is not a valid slug`),
    },
  ])
})

test('values that would become arguments of docker are left out with a warning at their line', async () => {
  const more = [
    'environment:',
    '  "A\\nINPUT_PASSWORD": x',
    'devices: [/etc/shadow]',
    'ulimits: {constructor: 1}',
    'map: [{type: share, path: /proc}]',
    'privileged: [ALL]',
    'hassio_role: constructor',
  ]
  const result = await planOnly({
    inputs: { target: 'a' },
    files: { 'a/config.yaml': config('a', `${more.join('\n')}\n`), 'a/Dockerfile': dockerfile },
  })
  expect(result.exitCode).toBe(0)
  expect(saidBy(result, 'warning').map(({ properties: { file, line } }) => `${file}:${line}`)).toEqual(
    [7, 8, 9, 10, 11, 12].map((line) => `a/config.yaml:${line}`),
  )
})

test('warnings are shown beside the errors: a misspelt key is why a base is missing', async () => {
  const result = await planOnly({
    inputs: { target: 'a' },
    files: {
      'a/config.yaml': config('a'),
      'a/build.yaml': 'biuld_from: {amd64: x/y:1}\n',
      'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
    },
  })
  expect(result.exitCode).toBe(2)
  expect(saidBy(result, 'error').map(({ properties }) => [properties.title, properties.file, properties.line])).toEqual(
    [['plan/no-base', 'a/Dockerfile', '2']],
  )
  expect(saidBy(result, 'warning')).toMatchObject([
    {
      message: expect.stringContaining('Did you mean "build_from"?'),
      properties: { title: 'build-yaml/unknown-key', file: 'a/build.yaml', line: '1', col: '1' },
    },
  ])
  expect(result.log.match(/is empty: it has no value/g)).toHaveLength(1)
})

test('an unreadable add-on does not hide errors of another one', async () => {
  const result = await planOnly({
    inputs: { target: '.' },
    files: {
      'a/config.yaml': config('a').replace('amd64,', 'sparc,'),
      'a/Dockerfile': dockerfile,
      'b/config.yaml': config('b'),
      'b/Dockerfile': 'FROM --platform=linux/386 x\n',
    },
  })
  expect(saidBy(result, 'error').map(({ properties }) => properties.title)).toEqual([
    'config/unknown-architecture',
    'plan/fixed-platform',
  ])
})

test('a wrong target does not cause other add-ons to be read', async () => {
  const result = await planOnly({
    inputs: { target: '../x' },
    files: { 'a/config.yaml': '[', 'a/Dockerfile': dockerfile },
  })
  expect(saidBy(result, 'error').map(({ properties }) => properties.title)).toEqual(['input/target-outside'])
})

test('changed-only plans the add-ons that the push changed, and all of them if GitHub does not know', async () => {
  const github = await startGitHub()
  const [before, after] = ['a'.repeat(40), 'b'.repeat(40)]
  const compared = async (
    files: readonly { filename: string; status?: 'renamed'; previousFilename?: string }[],
    base = before,
  ) => {
    github.comparisons.splice(0, Infinity, {
      repository: github.repository,
      base: before,
      head: after,
      status: 'ahead',
      files,
    })
    return planOnly({
      inputs: { 'changed-only': 'true' },
      event: pushEvent(github, { before: base, after }, { sha: after }),
      token: github.token,
      context: { repository: github.repository },
      environment: apiOf(github),
      files: Object.fromEntries(
        ['one', 'two', 'three'].flatMap((slug) => [
          [`${slug}/config.yaml`, config(slug)],
          [`${slug}/Dockerfile`, dockerfile],
        ]),
      ),
    })
  }
  const planned = ({ outputs }: StepResult) => [
    ...new Set(JSON.parse(outputs.matrix ?? '').include.map(({ target }: { target: string }) => target)),
  ]
  try {
    const workflow = await compared([{ filename: '.github/workflows/build.yml' }, { filename: 'one/x' }])
    expect(planned(workflow)).toEqual(['one', 'three', 'two'])
    expect(saidBy(workflow, 'notice').map(({ message }) => message)).toEqual([
      '".github/workflows/build.yml" was changed, and all add-ons depend on it. Every add-on is built. See "changed-paths-all".',
    ])

    const renamed = await compared([{ filename: 'two/run.sh', status: 'renamed', previousFilename: 'one/run.sh' }])
    expect(planned(renamed)).toEqual(['one', 'two'])

    const nothing = await compared([{ filename: 'README.md' }])
    expect(nothing.outputs.matrix).toBe('{"include":[]}')
    expect(saidBy(nothing, 'notice').map(({ properties }) => properties.title)).toEqual(['addon/nothing-changed'])

    const lost = await compared([{ filename: 'one/x' }], 'c'.repeat(40))
    expect(planned(lost)).toEqual(['one', 'three', 'two'])
    expect(saidBy(lost, 'notice').map(({ message }) => message)).toEqual([
      '"changed-only": The previous commit ccccccc no longer exists. Every add-on is built.',
    ])
    expect(github.violations).toEqual([])
  } finally {
    await github.close()
  }
})
