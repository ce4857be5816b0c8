import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { inputNames } from '../../src/inputs/names.ts'
import { toolVersion } from '../../src/report/model/make-report.ts'

const root = resolve(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')

interface ActionYml {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly runs: { readonly using: string; readonly main: string; readonly post: string }
}
const action = parse(text('action.yml')) as ActionYml

describe('the repository', () => {
  test('has the same inputs in action.yml and in the code that reads them', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...inputNames].sort())
  })

  test('has tables in the README, docs/inputs.md and a reusable workflow that are generated from action.yml', () => {
    expect(() =>
      execFileSync(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], { stdio: 'pipe' }),
    ).not.toThrow()
  })

  test('runs on Node 24, from bundles that are there', () => {
    expect(action.runs.using).toBe('node24')
    for (const file of [action.runs.main, action.runs.post]) expect(existsSync(join(root, file))).toBe(true)
  })

  test('has one version', () => {
    expect(toolVersion).toBe(JSON.parse(text('package.json')).version)
    expect(text('CHANGELOG.md')).toContain(`## ${toolVersion}`)
  })

  test('has no broken link between its documents', () => {
    const documents = [
      'README.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      'SECURITY.md',
      ...globSync('docs/**/*.md', { cwd: root }),
      'docker/README.md',
    ]
    const broken = documents.flatMap((document) =>
      [...text(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(resolve(root, dirname(document), target)))
        .map((target) => `${document} → ${target}`),
    )
    expect(broken).toEqual([])
  })
})

describe('the workflows and examples', () => {
  const workflows = [
    ...globSync('.github/workflows/*.yml', { cwd: root }),
    ...globSync('docs/examples/*.yml', { cwd: root }),
  ]

  interface Step {
    readonly uses?: string
    readonly with?: Readonly<Record<string, unknown>>
  }
  interface Workflow {
    readonly jobs: Readonly<Record<string, { readonly uses?: string; readonly steps?: readonly Step[] }>>
  }

  // Linters know the inputs of published actions, not those of the action beside them.
  test.each(workflows)('%s gives this action only inputs that it has', (file) => {
    const { jobs } = parse(text(file)) as Workflow
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])
    const ours = steps.filter(({ uses = '' }) => uses === './' || uses.includes('aicleaner-build@'))
    const calls = Object.values(jobs).filter(({ uses = '' }) => uses.includes('aicleaner-build/'))
    expect([...ours, ...calls].length).toBeGreaterThan(0)
    for (const step of ours) {
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
    }
  })

  test('the ten lines of the README are a workflow that gives this action only inputs that it has', () => {
    const [, block = ''] = /```yaml\n(on:[\s\S]*?)```/.exec(text('README.md')) ?? []
    const { jobs } = parse(block) as Workflow
    const [job] = Object.values(jobs)
    const step = job?.steps?.find(({ uses }) => uses?.includes('aicleaner-build'))
    expect(Object.keys(step?.with ?? {})).toEqual(['target'])
  })
})
