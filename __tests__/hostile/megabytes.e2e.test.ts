import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { startJob } from '../fakes/runner/runner.ts'
import { plannedMegabytes, refusedMegabytes } from './megabytes.ts'

jest.setTimeout(600_000)

const bundle = join(import.meta.dirname, '../../dist')
const mostBytes = 400 * 1000 * 1000

/** Writes the most memory that the process ever had to the file `peak` beside it, when it ends. */
const hook = (file: string): string =>
  `import { writeFileSync } from 'node:fs'\nprocess.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)))\n`

let folder = ''
let environment: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-megabytes-'))
  await writeFile(join(folder, 'hook.mjs'), hook(join(folder, 'peak')))
  environment = { NODE_OPTIONS: `--import ${join(folder, 'hook.mjs')}` }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Of the last process, once: that of an earlier one must not stand for one that wrote nothing. */
async function peakBytes(): Promise<number> {
  const file = join(folder, 'peak')
  const bytes = Number(await readFile(file, 'utf8')) * 1024
  await rm(file)
  expect(bytes).toBeGreaterThan(1_000_000)
  return bytes
}

describe.each([
  ['in place of the files that are planned from', refusedMegabytes, 2, 2, /larger than 128 kB/],
  ['beside add-ons that can be planned', plannedMegabytes, 0, 1, /Audit of 40 images/],
] as const)('a hundred hostile files of 1 MB, %s', (title, make, ofPlan, ofAudit, said) => {
  test('are planned by the action within its memory', async () => {
    const files = make()
    expect(Object.values(files).filter((text) => Buffer.byteLength(text) >= 900_000).length).toBeGreaterThanOrEqual(100)
    const job = await startJob({ files, inputs: { mode: 'plan' }, environment })
    try {
      const result = await job.main().done
      expect(result.exitCode).toBe(ofPlan)
      expect(result.raw).not.toContain('This is a defect')
      expect(await peakBytes()).toBeLessThan(mostBytes)
      expect(result.raw.length).toBeLessThan(4_000_000)
    } finally {
      await job.end()
    }
  })

  test('are audited by the command line within its memory', async () => {
    const root = join(folder, title.replaceAll(' ', '-'))
    for (const [path, text] of Object.entries(make())) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const { code, output } = await audit(root)
    expect(output).not.toContain('This is a defect')
    expect(code).toBe(ofAudit)
    // An exception would end it with 1 as well.
    expect(output).toMatch(said)
    expect(await peakBytes()).toBeLessThan(mostBytes)
    expect(output.length).toBeLessThan(4_000_000)
  })
})

async function audit(root: string): Promise<{ readonly code: number; readonly output: string }> {
  const args = [join(bundle, 'cli/index.js'), 'audit', '.', '--audit', 'fail']
  const options = { cwd: root, env: { PATH: process.env.PATH, HOME: root, ...environment }, maxBuffer: 1e9 }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options)
    return { code: 0, output: stdout + stderr }
  } catch (thrown) {
    const { code, stdout = '', stderr = '' } = thrown as { code?: number; stdout?: string; stderr?: string }
    return { code: code ?? -1, output: stdout + stderr }
  }
}
