import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { inputNames } from '../../src/inputs/names.ts'
import { workflowProblems } from './workflow-problems.ts'

const root = resolve(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const workflows = [
  ...globSync('.github/workflows/*.yml', { cwd: root }),
  ...globSync('docs/examples/*.yml', { cwd: root }),
]

test.each([...workflows, 'action.yml'])("GitHub's own language service reports no problems in %s", async (file) => {
  expect(await workflowProblems(file, text(file))).toEqual([])
})

describe('a workflow is refused', () => {
  const fine = `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: { o: "\${{ steps.s.outputs.x }}" }
    strategy: { matrix: { arch: [x, y] } }
    steps:
      - id: s
        run: echo \${{ matrix.arch }}
  b:
    needs: [a]
    if: github.ref_name == 'main'
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ needs.a.outputs.o }}
`
  test('but not one that is fine', async () => {
    expect(await workflowProblems('.github/workflows/w.yml', fine)).toEqual([])
  })

  test.each([
    ['that needs a job that is not there', 'needs: [a]', 'needs: [zz]', "11: Value 'zz' is not valid"],
    ['that needs itself', 'a:\n', 'a:\n    needs: b\n', expect.stringContaining('no dependencies')],
    ['that reads of a job that it does not need', 'needs.a.', 'needs.zz.', expect.stringContaining('invalid: zz')],
    ['that reads an output that is not there', 'outputs.o }', 'outputs.no }', expect.stringContaining('invalid: no')],
    ['that reads of a step that is not there', 'steps.s.', 'steps.no.', expect.stringContaining('invalid: no')],
    ['that reads of the matrix what it has not', 'matrix.arch', 'matrix.no', expect.stringContaining('invalid: no')],
    ['that reads a matrix where there is none', 'needs.a.outputs.o', 'matrix.arch', 'b: there is no matrix'],
    ['whose condition does not end', "'main'", "'main' &&", expect.stringContaining('end of expression')],
    [
      'whose condition has text around it',
      "github.ref_name == 'main'",
      `\${{ true }} && 1`,
      expect.stringContaining('literal text'),
    ],
    ['with a context that is not there', 'github.ref_name', 'env.NAME', expect.stringContaining("'env'")],
    ['with a key that is unknown', 'needs: [a]', 'needs: [a]\n    none: 1', "12: Unexpected value 'none'"],
    [
      'with a permission that is unknown',
      'needs: [a]',
      'needs: [a]\n    permissions: { none: write }',
      "12: Unexpected value 'none'",
    ],
    [
      'with a step twice',
      '- id: s',
      '- id: s\n        run: x\n      - id: s',
      expect.stringContaining('more than once'),
    ],
    ['with a job without steps', / {4}steps:\n {6}- run: echo \S+ needs.*\n/, '', 'b: a job without steps'],
    ['with an event that is unknown', 'on: push', 'on: pushed', "1: Unexpected value 'pushed'"],
  ])('%s', async (_, from, to, problem) => {
    expect(
      await workflowProblems(
        '.github/workflows/w.yml',
        fine.replace(from, () => to),
      ),
    ).toContainEqual(problem)
  })
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

  test('passes each of them on under its own name to an existing input', () => {
    const texts = JSON.stringify(workflow.jobs)
    for (const name of Object.keys(inputs)) expect([name, texts.includes(`inputs.${name}`)]).toEqual([name, true])
    // GitHub adds the inputs of a caller's manual run to that context (actions/runner issue 2274)
    expect(texts).not.toMatch(/toJSON\(\s*inputs/i)
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
