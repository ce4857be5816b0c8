import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ChangedFiles } from '../../src/addon/discover.ts'
import { Failure } from '../../src/core/diagnostics.ts'
import type { Host } from '../../src/core/host.ts'
import { readInputs } from '../../src/inputs/read-inputs.ts'
import { type LoadPlanOptions, loadPlan } from '../../src/pipeline/load-plan.ts'
import { buildOnly } from '../../src/plan/build-only.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { events } from '../plan/events.ts'
import { config, plain } from '../plan/planning.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aicleaner-plan-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Setting {
  readonly inputs?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly host?: Partial<Host>
  readonly options?: LoadPlanOptions
}

const addon = { 'a/config.yaml': config(), 'a/Dockerfile': plain }

async function load({ inputs = {}, files = addon, host: changes, options }: Setting = {}) {
  const workspace = join(folder, 'work')
  mkdirSync(workspace, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(workspace, path, '..'), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const host = { ...bareHost(workspace, folder), event: events.push, ...changes }
  const all: Readonly<Record<string, string>> = { target: 'a', ...inputs }
  const { environment } = host
  return loadPlan(await readInputs((name) => all[name] ?? '', { workspace, environment }), host, options)
}

async function refused(setting: Setting): Promise<readonly string[]> {
  const thrown = await load(setting).catch((failure: unknown) => failure)
  if (!(thrown instanceof Failure)) throw new Error('it was not refused')
  expect(thrown.kind).toBe('input')
  return thrown.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

const unreachable = () => Promise.reject(new Error('502'))
const several = { ...addon, 'b/config.yaml': config('', 'other'), 'b/Dockerfile': plain }

describe('a plan', () => {
  test('is made from inputs, files and event', async () => {
    const { plan, options } = await load({ inputs: { architectures: 'amd64' } })
    expect(plan.addons).toMatchObject([{ slug: 'probe', targets: [{ id: 'probe/amd64' }] }])
    expect([options.mode, plan.partial]).toEqual(['run', true])
  })

  test('has the warnings of inputs and files', async () => {
    const { plan } = await load({ files: { ...addon, 'a/build.yaml': 'squash: true\n' } })
    expect(plan.diagnostics.map(({ severity }) => severity)).not.toContain('error')
    expect(plan.diagnostics.length).toBeGreaterThan(0)
  })

  test('has the time of the commit, if it is known', async () => {
    const environment = { SOURCE_DATE_EPOCH: '1700000000' }
    const { plan } = await load({ host: { environment } })
    const labels = plan.addons[0]?.targets[0]?.labels
    expect(labels?.get('org.opencontainers.image.created')).toMatch(/^2023-11-14T22:13:20/)
  })

  test('takes the version of a release only if there is one add-on', async () => {
    const event = events.release
    const { plan } = await load({ host: { event } })
    expect(plan.addons[0]?.version).toBe('1.2.3')
    const { plan: ofSeveral } = await load({ host: { event }, files: several })
    expect(ofSeveral.addons.map(({ version }) => version)).toEqual(['1.0'])
  })
})

describe('"changed-only"', () => {
  const changedOnly = { target: 'a\nb', 'changed-only': 'true', 'github-token': 'token' }
  const finding = (found: ChangedFiles): LoadPlanOptions => ({ findChanges: async () => found })
  const slugs = async (setting: Setting) => (await load(setting)).plan.addons.map(({ slug }) => slug)

  test('plans the add-ons that changed', async () => {
    const options = finding({ files: ['b/Dockerfile'] })
    expect(await slugs({ inputs: changedOnly, files: several, options })).toEqual(['other'])
  })

  test('does not ask GitHub without the input', async () => {
    const options = { findChanges: unreachable }
    expect(await slugs({ inputs: { target: 'a\nb' }, files: several, options })).toEqual(['probe', 'other'])
  })

  const workflowFile = '.github/workflows/build.yml'
  const host = { event: { ...events.pullRequest, workflowFile } }
  test.each<readonly [string, string, string, readonly string[]]>([
    ['all add-ons if the file of the workflow changed', workflowFile, '', ['probe', 'other']],
    ['all add-ons if a file of the input changed', 'shared/x', 'shared', ['probe', 'other']],
    ['the changed add-on if another workflow changed', '.github/workflows/lint.yml', '', ['other']],
    ['the changed add-on if the input does not name the workflow', workflowFile, 'shared', ['other']],
  ])('plans %s, in each mode', async (_, file, paths, expected) => {
    const options = finding({ files: ['b/Dockerfile', file] })
    for (const mode of ['run', 'plan', 'build', 'publish']) {
      const inputs = { ...changedOnly, 'changed-paths-all': paths, mode }
      const { plan } = await load({ inputs, files: several, host, options })
      expect([mode, ...plan.addons.map(({ slug }) => slug)]).toEqual([mode, ...expected])
      expect(plan.diagnostics.some(({ code }) => code === 'addon/shared-change')).toBe(expected.length > 1)
    }
  })

  test('plans the changed add-on if the file of the workflow is unknown', async () => {
    const options = finding({ files: ['b/Dockerfile', workflowFile] })
    expect(await slugs({ inputs: changedOnly, files: several, options })).toEqual(['other'])
  })

  test.each<readonly [string, Readonly<Record<string, string>>, LoadPlanOptions]>([
    ['GitHub does not know them', {}, finding({ unknown: 'The branch is new.' })],
    ['GitHub does not respond', {}, { findChanges: unreachable }],
    ['there is no token', { 'github-token': '' }, finding({ files: ['b/Dockerfile'] })],
  ])('plans all add-ons if %s', async (_, inputs, options) => {
    expect(await slugs({ inputs: { ...changedOnly, ...inputs }, files: several, options })).toEqual(['probe', 'other'])
  })
})

describe('the changes of the event', () => {
  const token = { 'github-token': 'token' }
  const counting = () => {
    let asked = 0
    const findChanges = async (): Promise<ChangedFiles> => {
      asked += 1
      return { files: [`${asked}`] }
    }
    return { options: { findChanges }, asked: () => asked }
  }

  test('are asked for once, when they are needed', async () => {
    const github = counting()
    const { changes } = await load({ inputs: token, options: github.options })
    expect(github.asked()).toBe(0)
    expect(await Promise.all([changes(), changes()])).toEqual([{ files: ['1'] }, { files: ['1'] }])
    expect(github.asked()).toBe(1)
  })

  test('are those that "changed-only" has asked for', async () => {
    const github = counting()
    const { changes } = await load({ inputs: { ...token, 'changed-only': 'true' }, options: github.options })
    await changes()
    expect(github.asked()).toBe(1)
  })

  test('are unknown if GitHub does not respond, or without a token', async () => {
    const options = { findChanges: unreachable }
    expect(await (await load({ inputs: token, options })).changes()).toEqual({ unknown: '502' })
    expect(await (await load({ options })).changes()).toEqual({ unknown: expect.stringMatching(/no token/) })
  })
})

describe('a plan is refused', () => {
  test('with the errors of inputs and files together', async () => {
    const codes = await refused({ inputs: { 'max-size': 'huge' }, files: { ...addon, 'a/config.yaml': 'name: [' } })
    expect(codes.some((code) => code.startsWith('input/'))).toBe(true)
    expect(codes.some((code) => !code.startsWith('input/'))).toBe(true)
  })

  test('with the errors of inputs only, if "target" is wrong', async () => {
    const codes = await refused({ inputs: { target: '../outside' }, files: { ...addon, 'a/config.yaml': 'name: [' } })
    expect(codes.every((code) => code.startsWith('input/'))).toBe(true)
  })

  test('with the errors of all add-ons', async () => {
    const files = { ...several, 'a/config.yaml': 'name: [', 'b/Dockerfile': 'FROM $UNKNOWN\n' }
    expect((await refused({ inputs: { target: 'a\nb' }, files })).length).toBeGreaterThan(1)
  })

  test('if there is no add-on', async () => {
    expect(await refused({ files: { 'a/readme.md': '' } })).not.toEqual([])
  })

  test('if a path leads out of the workspace', async () => {
    writeFileSync(join(folder, 'secret'), 'secret')
    mkdirSync(join(folder, 'work'))
    symlinkSync(join(folder, 'secret'), join(folder, 'work', 'token'))
    expect(await refused({ inputs: { secrets: 'id=token,src=token' } })).toEqual(['file/outside'])
  })

  test('for what only a build stops at, unless that is tolerated', async () => {
    const files = { ...addon, 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n' }
    const codes = await refused({ files })
    expect(codes.every((code) => buildOnly.has(code))).toBe(true)
    const { plan } = await load({ files, options: { tolerated: buildOnly } })
    expect(plan.addons).toHaveLength(1)
  })
})

test('smoke-run-args must not mount anything where an add-on has a folder', async () => {
  const files = { ...addon, 'a/config.yaml': `${config()}\nmap:\n  - ssl\n` }
  const inputs = { 'smoke-run-args': '--volume certificates:/ssl' }
  expect(await refused({ files, inputs })).toEqual(['input/mount-conflict'])
  expect((await load({ files, inputs: { ...inputs, 'smoke-test': 'false' } })).plan.addons).toHaveLength(1)
})
