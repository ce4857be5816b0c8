import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWorkflow, type WorkflowOptions } from './workflow.ts'
import { workflowInputs } from './workflow-inputs.ts'

const description = `
name: test
inputs:
  text: {}
  flag: { default: true }
  count: { default: 3 }
  mask: { default: '' }
  empty: { default: fallback }
outputs:
  value: {}
runs: { using: node24, main: main.mjs, post: post.mjs }
`
/** Gives back its text, and prints its inputs. With MEET it does not end before GUESTS of its kind have begun. */
const main = `
import { appendFileSync, readFileSync } from 'node:fs'
const { env } = process
const inputs = Object.entries(env).filter(([name]) => name.startsWith('INPUT_')).map(([name, value]) => name.slice(6) + '=' + value)
console.log(inputs.sort().join(' '))
if (env.INPUT_MASK) console.log('::add-mask::' + env.INPUT_MASK)
appendFileSync(env.GITHUB_OUTPUT, 'value=' + env.INPUT_TEXT + '\\n')
if (env.MEET) {
  appendFileSync(env.MEET, 'begin\\n')
  while (readFileSync(env.MEET, 'utf8').split('begin').length - 1 < Number(env.GUESTS)) await new Promise((next) => setTimeout(next, 20))
  appendFileSync(env.MEET, 'end\\n')
}
`
const post = `if (process.env.LATE) console.log('::add-mask::' + process.env.LATE)`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fakes-workflow-'))
  await writeFile(join(folder, 'action.yml'), description)
  await writeFile(join(folder, 'main.mjs'), main)
  await writeFile(join(folder, 'post.mjs'), post)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function run(text: string, options: Partial<WorkflowOptions> = {}) {
  const file = join(folder, 'workflow.yml')
  await writeFile(file, text)
  return runWorkflow({ action: folder, file, ...options })
}

/** An expression, as a text in YAML. */
const value = (expression: string) => `"\${{ ${expression} }}"`

/** One job `first`, and what comes after it. */
const workflow = (given: string, more = '', outputs = `{ value: ${value('steps.it.outputs.value')} }`) => `
on:
  workflow_call:
    inputs:
      text: { type: string }
    outputs:
      value: { value: ${value('jobs.first.outputs.value')} }
jobs:
  first:
    outputs: ${outputs}
    steps:
      - id: it
        uses: org/aicleaner-build@v1
        with: ${given}
${more}`

describe('an action in a workflow', () => {
  test('gets every default as text, but none for an input that is given empty', async () => {
    const { jobs } = await run(workflow(`{ text: x, empty: ${value('inputs.text')} }`))
    expect(jobs[0]?.step?.log).toBe('COUNT=3 EMPTY= FLAG=true MASK= TEXT=x')
  })

  test('returns its outputs to the caller', async () => {
    const result = await run(workflow(`{ text: ${value('inputs.text')} }`), { inputs: { text: 'x' } })
    expect(result.outputs).toEqual({ value: 'x' })
    expect(result.jobs[0]).toMatchObject({ result: 'success', warnings: [], errors: [] })
    expect(result.problems).toEqual([])
  })
})

describe('an output of a job', () => {
  const secret = 'hunter22'
  test.each([
    ['a secret, even one that no step uses', { text: `name/${secret}` }, { secrets: { unused: secret } }],
    ['a secret in base64', { text: Buffer.from(`ab:${secret}`).toString('base64') }, { secrets: { unused: secret } }],
    ['a secret in a URL', { text: 'a%40b' }, { secrets: { unused: 'a@b' } }],
    ['one line of a secret', { text: 'second' }, { secrets: { unused: 'first\nsecond' } }],
    ['the token of the job', { text: 'ghs_token' }, { token: 'ghs_token' }],
    ['what the step masks', { text: secret, mask: secret }, {}],
    ['what the post step masks', { text: secret }, { environment: { LATE: secret } }],
  ])('is dropped with a warning where it contains %s', async (_, given, options) => {
    const { outputs, jobs } = await run(workflow(JSON.stringify(given)), options)
    expect(outputs).toEqual({ value: '' })
    const [job] = jobs
    expect([job?.result, job?.outputs, job?.warnings]).toEqual([
      'success',
      {},
      ["Skip output 'value' since it may contain secret."],
    ])
    // Within the job it is there.
    expect(job?.step?.outputs.value).toBe(given.text)
  })

  test('is dropped without the other outputs', async () => {
    const outputs = `{ value: ${value('steps.it.outputs.value')}, length: ${value('steps.it.outputs.value && 1')} }`
    const { jobs } = await run(workflow(`{ text: ${secret} }`, '', outputs), { secrets: { unused: secret } })
    expect(jobs[0]?.outputs).toEqual({ length: '1' })
  })

  test('that is empty is dropped without a warning', async () => {
    const { jobs } = await run(workflow('{ text: "" }'), { secrets: { empty: '' } })
    expect([jobs[0]?.outputs, jobs[0]?.warnings]).toEqual([{}, []])
  })

  test('that cannot be evaluated fails the job', async () => {
    const { jobs } = await run(workflow('{ text: "" }', '', `{ value: ${value('fromJSON(steps.it.outputs.value)')} }`))
    expect(jobs[0]).toMatchObject({
      result: 'failure',
      errors: [expect.stringMatching(/^Fail to evaluate job outputs/)],
    })
  })
})

describe('a matrix', () => {
  const cells = (strategy: string, more = '') => `
  cells:
    name: ${value('matrix.name')}
    needs: first
    ${more}
    strategy: { ${strategy.includes('fail-fast') ? '' : 'fail-fast: false, '}${strategy} }
    steps:
      - uses: org/aicleaner-build@v1
        with: { text: ${value('matrix.name')} }
  last:
    needs: [first, cells]
    if: ${value('!cancelled()')}
    steps:
      - uses: org/aicleaner-build@v1
        with: { text: ${value('needs.cells.result')} }
`
  const fromFirst = `matrix: ${value('fromJSON(needs.first.outputs.value)')}`
  const all = async (matrix: string, strategy = fromFirst, more = '', options: Partial<WorkflowOptions> = {}) => {
    const result = await run(workflow(`{ text: ${value('inputs.text')} }`, cells(strategy, more)), {
      inputs: { text: matrix },
      ...options,
    })
    const last = result.jobs.at(-1)?.step?.outputs.value
    return { ...result, names: result.jobs.map(({ name }) => name), last }
  }
  const matrixOf = (count: number) =>
    JSON.stringify({ include: Array.from({ length: count }, (_, index) => ({ name: `c${index}` })) })

  test('has a job for each entry', async () => {
    const { names, last } = await all(matrixOf(2))
    expect([names, last]).toEqual([['first', 'cells c0', 'cells c1', 'last'], 'success'])
  })

  test.each([
    ['an empty output', '', /^Error when evaluating 'strategy' for job 'cells'\. /],
    ['no JSON', '{', /'strategy'/],
    ['a text', '"x"', /Unexpected value 'x'/],
    ['nothing', '{}', /Matrix must define at least one vector/],
    ['an empty list', '{"include":[]}', /Matrix must define at least one vector/],
    ['an empty vector', '{"name":[]}', /Matrix vector 'name' does not contain any values/],
    ['an empty entry', '{"include":[{}]}', /Matrix include mapping does not contain any values/],
    ['too many entries', matrixOf(257), /256/],
  ])('of %s fails its job and dependent jobs', async (_, matrix, expected) => {
    const { jobs, names, last } = await all(matrix)
    expect([names, last]).toEqual([['first', 'cells', 'last'], 'failure'])
    expect(jobs[1]).toMatchObject({ result: 'failure', errors: [expect.stringMatching(expected)] })
  })

  test('of an output that was dropped fails its job', async () => {
    const { jobs, last } = await all(matrixOf(1), fromFirst, '', { secrets: { name: 'c0' } })
    expect(jobs[0]?.warnings).toHaveLength(1)
    expect([jobs[1]?.result, last]).toEqual(['failure', 'failure'])
  })

  test('is not evaluated if the condition of its job is false; an invalid condition fails the job', async () => {
    const skipped = await all('', fromFirst, 'if: needs.first.outputs.value')
    expect([skipped.jobs[1]?.result, skipped.last]).toEqual(['skipped', 'skipped'])
    const failed = await all('', fromFirst, 'if: fromJSON(needs.first.outputs.value).include[0] != null')
    expect(failed.jobs[1]).toMatchObject({ result: 'failure', errors: [expect.stringMatching(/evaluating 'if'/)] })
  })

  test.each([
    ['as max-parallel says', 'max-parallel: 2', 9, 2],
    ['as there are runners', 'max-parallel: 9', 2, 2],
    ['all of them without a limit', 'max-parallel: 0', 9, 4],
    ['one by one', 'max-parallel: 1', 9, 1],
    ['one by one on one machine', `max-parallel: ${value("fromJSON('4')")}`, undefined, 1],
  ])('runs as many jobs at once %s', async (_, limit, runners, expected) => {
    const meet = join(folder, 'meet')
    const { names } = await all(matrixOf(4), `${fromFirst}, ${limit}`, '', {
      ...(runners !== undefined && { runners }),
      environment: (job) =>
        Object.fromEntries(
          job.startsWith('cells')
            ? [
                ['MEET', meet],
                ['GUESTS', String(expected)],
              ]
            : [],
        ),
    })
    expect(names).toEqual(['first', 'cells c0', 'cells c1', 'cells c2', 'cells c3', 'last'])
    let now = 0
    const seen = (await readFile(meet, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (now += line === 'begin' ? 1 : -1))
    expect([Math.max(...seen), seen.length, seen.at(-1)]).toEqual([expected, 8, 0])
  })

  test.each([
    ['vectors', '{"name":["a"]}', fromFirst],
    ['fail-fast', matrixOf(1), `${fromFirst}, fail-fast: true`],
  ])('is an error in the test if the fake does not support %s', async (_, matrix, strategy) => {
    await expect(all(matrix, strategy)).rejects.toThrow(/fake workflow runner knows only/)
  })

  test('fails its job if max-parallel is not a number', async () => {
    const { jobs } = await all(matrixOf(1), `${fromFirst}, max-parallel: ${value('inputs.text')}`)
    expect(jobs[1]?.errors).toEqual([expect.stringMatching(/^Error when evaluating 'strategy'.*Unexpected value '\{/)])
  })
})

describe('the inputs of a workflow', () => {
  const declared = {
    flag: { type: 'boolean' },
    on: { type: 'boolean', default: true },
    count: { type: 'number' },
    most: { type: 'number', default: 256 },
    text: { type: 'string' },
    place: { type: 'string', default: '.' },
  } as const

  test('have a value of their type by default', () => {
    const values = { flag: false, on: true, count: 0, most: 256, text: '', place: '.' }
    expect(workflowInputs(declared, {})).toEqual(values)
  })

  test('keep the given values, including empty strings', () => {
    expect(workflowInputs(declared, { ON: false, most: 1, place: '', text: 2 })).toMatchObject({
      on: false,
      most: 1,
      place: '',
      text: '2',
    })
  })

  test.each([
    ['a text for a boolean', { flag: 'true' }, "Unexpected value 'true'"],
    ['an empty text for a boolean', { flag: '' }, "Unexpected value ''"],
    ['an empty text for a number', { count: '' }, "Unexpected value ''"],
    ['an unknown one', { other: 1 }, 'Invalid input, other is not defined in the referenced workflow.'],
  ])('are refused: %s', (_, given, message) => {
    expect(() => workflowInputs(declared, given)).toThrow(message)
  })

  test('are refused if a required one is missing', () => {
    expect(() => workflowInputs({ name: { type: 'string', required: true } }, {})).toThrow(/name is required/)
  })
})
