import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { runFault } from '../faults/fault-job.ts'
import { addonFiles } from './addon.ts'

// An image is built and started, perhaps on a busy machine.
jest.setTimeout(240_000)

/** As `printf` of a shell writes it: U+0085, U+2028, ESC, BEL. */
const lines = [
  String.raw`\302\205::set-output name=evil::1`,
  String.raw`\342\200\250::add-mask::Tiny`,
  String.raw`\302\240::stop-commands::evil`,
  '   ::error::evil',
  'evil ##[error]evil',
  String.raw`a\r::set-env name=EVIL::1`,
  String.raw`\033[31mred evil\033[0m`,
  String.raw`\033]8;;https://evil.example\007evil\033]8;;\007`,
  String.raw`\033]52;c;ZXZpbA==\007evil`,
  String.raw`\342\200\256evil\342\201\246`,
]
const print = String.raw`printf '${lines.join(String.raw`\n`)}\n'`
const addon = {
  build: `RUN ${print} && ${print} >&2`,
  command: `${print}; ${print} >&2; exit 3`,
} as const

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed.
const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

test('output of a build and a container contains no commands for the runner and no control characters', async () => {
  const result = await runFault({ addon, inputs: { push: 'false', cache: 'none', baseline: 'none' } })
  expect(result.exitCode).toBe(1)
  expect(result.raw.match(/evil/g)?.length).toBeGreaterThan(20)
  expect(result.raw).toContain(String.raw`\u0085::set-output`)
  expect(result.raw).not.toMatch(acts)
  const ours = new Set(['group', 'endgroup', 'error', 'warning', 'notice', 'debug', 'add-mask'])
  expect(result.commands.filter(({ name }) => !ours.has(name))).toEqual([])
  expect(result.commands.filter(({ message }) => message === 'evil' || message === 'Tiny')).toEqual([])
  expect(result.outputs).not.toHaveProperty('evil')
  expect(result.env).not.toHaveProperty('EVIL')
})

test('output of a build and a container does not control a terminal', async () => {
  const root = await mkdtemp(join(tmpdir(), 'aicleaner-terminal-'))
  try {
    const base = readFacts().bases?.tiny ?? ''
    const image = 'localhost:1/{arch}-tiny'
    for (const [path, text] of Object.entries(addonFiles({ base, image, architectures: ['amd64'], ...addon }))) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const program = fileURLToPath(new URL('../../dist/cli/index.js', import.meta.url))
    const { DOCKER_HOST, PATH } = process.env
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, 'run', 'tiny', '--cache', 'none', '--baseline', 'none'],
      { cwd: root, encoding: 'utf8', env: { PATH, HOME: root, ...(DOCKER_HOST && { DOCKER_HOST }) } },
    )
    expect([status, stderr]).toEqual([1, expect.stringContaining('evil')])
    expect(stdout).toContain(String.raw`\u0085`)
    for (const printed of [stdout, stderr]) expect(printed).not.toMatch(acts)
    // A step of a workflow may use the command line, too.
    expect(`${stdout}${stderr}`).not.toMatch(/^\s*::(?:set|add|stop|error)|##\[/m)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
