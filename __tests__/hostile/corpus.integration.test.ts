import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from '@jest/globals'
import { readAddons } from '../../src/addon/read.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { planOutputs } from '../../src/plan/outputs.ts'
import { optionsOf, pushToMain } from '../addon/corpus.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import { hostileCases } from './cases/all.ts'
import { pairs } from './cases/fields.ts'
import { enter, removed } from './enter.ts'
import { violationsOf, wrongPlan } from './violations.ts'

afterAll(removed)

test('there are more than 500 of them, at least 25 of which go through the bundle as well', () => {
  expect(hostileCases.length).toBeGreaterThan(500)
  expect(hostileCases.filter(({ nasty }) => nasty).length).toBeGreaterThanOrEqual(25)
  expect(new Set(hostileCases.map(({ family, name }) => `${family}: ${name}`)).size).toBe(hostileCases.length)
})

test('every field with every payload gives a plan of well-formed names, or an error', async () => {
  const options = await optionsOf({ target: 'a' })
  const found: [string, readonly string[]][] = []
  const checked = new Set<string>()
  let planned = 0
  for (const { name, files } of pairs) {
    const { addons, diagnostics } = await readAddons(options, memoryFiles(files))
    const { plan, diagnostics: more } = makePlan(addons, options, pushToMain)
    const refused = [...diagnostics, ...more].some(({ severity }) => severity === 'error')
    if (!plan || addons.length === 0) {
      if (!refused) found.push([name, ['neither a plan nor an error']])
      continue
    }
    planned += 1
    const text = planOutputs(plan, options).get('plan') ?? ''
    // Of most fields nothing comes into a plan: the same text was checked before.
    const wrong = checked.has(text) ? [] : wrongPlan(text, '/workspace')
    checked.add(text)
    if (wrong.length > 0) found.push([name, wrong])
  }
  expect(Object.fromEntries(found)).toEqual({})
  expect(pairs.length).toBeGreaterThan(4000)
  expect(planned).toBeGreaterThan(1000)
  expect(checked.size).toBeGreaterThan(100)
})

test('the checks can fail: a canary that is read, a file that is written, a command that is let through', async () => {
  const seen = await enter({
    family: 'checks',
    name: 'a run that is not held back',
    write: (checkout) => {
      checkout.file('a/config.yaml', '[')
      execFileSync('touch', [`${checkout.root}/a/Dockerfile`])
    },
  })
  expect(violationsOf(seen)).toEqual([])
  const broken = {
    ...seen,
    exitCode: 3,
    printed: `${seen.printed}\n \u0085::warning::x\n::set-env name=A::b\n\u001b[31m canary-6b1f0c`,
    started: [['ssh', 'evil']],
    touched: ['escaped'],
  }
  expect(violationsOf(broken)).toEqual([
    'exit code 3',
    'it started ssh',
    'it touched "escaped"',
    'the log has the canary',
    expect.stringMatching(/annotations, and/),
    'commands from foreign text: set-env',
    'the log has U+0085',
  ])
})
