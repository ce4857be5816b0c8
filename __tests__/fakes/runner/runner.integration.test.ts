import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Job, type JobOptions, startJob } from './runner.ts'

const description = `
name: test
inputs:
  some-input: { default: fallback }
  token: { default: '\${{ github.token }}' }
outputs:
  table: {}
runs: { using: node24, main: main.mjs, post: post.mjs }
`
const library = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
const { env } = process
const put = (file, text) => appendFileSync(env[file], text)
`
let folder: string
let job: Job
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fakes-action-'))
})
afterEach(async () => {
  await job.end()
  await rm(folder, { recursive: true, force: true })
})

const start = async (main: string, post = '', options: JobOptions = {}): Promise<Job> => {
  await writeFile(join(folder, 'action.yml'), description)
  await writeFile(join(folder, 'main.mjs'), library + main)
  await writeFile(join(folder, 'post.mjs'), library + post)
  job = await startJob({ action: folder, ...options })
  return job
}
const run = async (main: string, options?: JobOptions) => (await start(main, '', options)).main().done

test('an action gets the variables of a runner, and none of the developer’s', async () => {
  process.env.LEAKED = 'yes'
  const { outputs } = await run(
    "put('GITHUB_OUTPUT', 'table<<E\\n' + JSON.stringify({ ...env, cwd: process.cwd(), node: process.version }) + '\\nE\\n')",
    {
      inputs: { 'some-input': 'given' },
      environment: { ACTIONS_RESULTS_URL: 'http://x/' },
      token: 'tok-1',
    },
  )
  delete process.env.LEAKED
  const variables = JSON.parse(outputs.table ?? '') as Record<string, string>
  expect(variables).toMatchObject({
    'INPUT_SOME-INPUT': 'given',
    INPUT_TOKEN: 'tok-1',
    GITHUB_REPOSITORY: 'octo/addons',
    GITHUB_REF: 'refs/heads/main',
    ACTIONS_RESULTS_URL: 'http://x/',
    CI: 'true',
    cwd: job.workspace,
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_TEMP: job.temporary,
    node: expect.stringMatching(/^v24\./),
  })
  expect(variables.LEAKED).toBeUndefined()
  expect(variables.PATH).not.toContain('node_modules')
  expect(variables.HOME).not.toBe(process.env.HOME)
})

test('files of the checkout and the event are available', async () => {
  const { raw } = await run(
    "console.log(readFileSync('a/b.txt', 'utf8'), JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, 'utf8')).number)",
    { files: { 'a/b.txt': 'text' }, event: { name: 'pull_request', payload: { number: 7 } } },
  )
  expect(raw).toBe('text 7')
})

test('the result has everything that an action prints and writes', async () => {
  const result = await run(`
    console.log('::add-mask::hidden'); console.log('see hidden'); console.error('::error file=a,line=2::bad')
    put('GITHUB_OUTPUT', 'table=1\\nother=2\\n'); put('GITHUB_STATE', 'x=1\\n'); put('GITHUB_STEP_SUMMARY', '# Hi')
    put('GITHUB_ENV', 'LATER=yes\\nGITHUB_SHA=no\\n'); process.exitCode = 3`)
  expect(result).toMatchObject({
    exitCode: 3,
    outputs: { table: '1', other: '2' },
    state: { x: '1' },
    summary: '# Hi',
    problems: ['GITHUB_ENV: GITHUB_SHA may not be set', "The output 'other' is not in action.yml"],
  })
  expect(result.log).toContain('see ***')
  expect(result.commands).toContainEqual({ name: 'error', properties: { file: 'a', line: '2' }, message: 'bad' })
  expect(result.leaksOf('hidden')).toEqual(['see hidden'])
})

test('the token is masked, and leaks of it are reported', async () => {
  const result = await run("console.log('token ' + env.INPUT_TOKEN)", { token: 'tok-1' })
  expect(result.log).toBe('token ***')
  expect(result.leaksOf('tok-1')).toHaveLength(1)
})

test('the post step has the state of the main step', async () => {
  await start(
    "put('GITHUB_STATE', 'x<<E\\none\\ntwo\\nE\\n'); put('GITHUB_ENV', 'LATER=yes\\n')",
    "console.log(JSON.stringify([env.STATE_x, env.LATER, env['INPUT_SOME-INPUT']])); put('GITHUB_STEP_SUMMARY', 'post')",
  )
  const main = await job.main().done
  expect(main.exitCode).toBe(0)
  const post = await job.post()
  expect([JSON.parse(post.raw), post.summary]).toEqual([['one\ntwo', 'yes', 'fallback'], 'post'])
})

test('files left in RUNNER_TEMP and running processes are reported', async () => {
  const result = await run(
    "writeFileSync(env.RUNNER_TEMP + '/mine', ''); spawn('sleep', ['100000'], { detached: true, stdio: 'ignore' }).unref()",
  )
  expect(result.exitCode).toBe(0)
  expect(await job.leftovers()).toEqual(['mine'])
  expect((await job.orphans()).map(({ command }) => command)).toEqual(['sleep 100000'])
  await job.end()
  expect(await job.orphans()).toEqual([])
})

describe('a cancel', () => {
  const wait = 'setInterval(() => {}, 1000)'
  test('sends SIGINT first, which an action can handle', async () => {
    await start(`process.on('SIGINT', () => { console.log('tidy'); process.exit(5) }); console.log('ready'); ${wait}`)
    const step = job.main()
    await step.seen(/ready/)
    const result = await step.cancel()
    expect([result.exitCode, result.raw]).toEqual([5, 'ready\ntidy'])
  })

  test('ends an action without a signal handler', async () => {
    await start(`console.log('ready'); ${wait}`)
    const step = job.main()
    await step.seen(/ready/)
    expect((await step.cancel()).exitCode).toBe(130)
  })

  test('without a grace period ends all processes of the action', async () => {
    await start(
      `spawn('sleep', ['100000'], { stdio: 'ignore' }); process.on('SIGINT', () => {}); console.log('ready'); ${wait}`,
    )
    const step = job.main()
    await step.seen(/ready/)
    expect((await step.kill()).exitCode).toBe(137)
    expect(await job.orphans()).toEqual([])
  })
})

test('waiting for a line fails if the step ends without it', async () => {
  await start("console.log('other')")
  await expect(job.main().seen(/ready/)).rejects.toThrow(/without a line like \/ready\/:\nother/)
})
