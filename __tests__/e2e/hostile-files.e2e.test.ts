import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, jest, test } from '@jest/globals'
import { type Job, type JobOptions, type StepResult, startJob } from '../fakes/runner/runner.ts'
import { addonFiles } from './addon.ts'

jest.setTimeout(240_000)

const files = addonFiles({ base: 'registry.example/base' })

/** The committed bundle on a checkout that `put` changed; there is no program at all, so that no run gets as far as Docker. */
async function runWith(
  options: JobOptions,
  put: (job: Job, outside: string) => unknown,
  look: (result: StepResult, job: Job, outside: string) => unknown,
): Promise<void> {
  const outside = await mkdtemp(join(tmpdir(), 'aicleaner-outside-'))
  await mkdir(join(outside, 'bin'))
  await writeFile(join(outside, 'file'), 'theirs')
  const job = await startJob({ ...options, environment: { PATH: join(outside, 'bin'), ...options.environment } })
  try {
    await put(job, outside)
    await look(await job.main().done, job, outside)
    expect(await readFile(join(outside, 'file'), 'utf8')).toBe('theirs')
    expect((await readdir(outside)).sort()).toEqual(['bin', 'file'])
  } finally {
    await job.end()
    await rm(outside, { recursive: true })
  }
}

const said = ({ commands }: StepResult, name: string) => commands.filter((command) => command.name === name)

describe('an ignore file', () => {
  test.each<readonly [string, (path: string, outside: string) => unknown]>([
    ['a link to /dev/zero', (path) => symlink('/dev/zero', path)],
    ['a link to standard input', (path) => symlink('/dev/stdin', path)],
    ['a link to a file of the runner', (path, outside) => symlink(join(outside, 'file'), path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ])('that is %s ends the run with its place', async (_, put) => {
    await runWith(
      { inputs: { target: 'tiny' }, files },
      (job, outside) => put(join(job.workspace, 'tiny/.dockerignore'), outside),
      (result) => {
        expect(result.exitCode).toBe(2)
        expect(said(result, 'error')).toMatchObject([
          { properties: { file: 'tiny/.dockerignore', line: '1' }, message: expect.stringMatching(/ignore file/) },
        ])
        expect(result.problems).toEqual([])
      },
    )
  })
})

describe('a report', () => {
  const inputs = { target: 'tiny', 'report-path': 'report' }

  test.each<readonly [string, (job: Job, outside: string) => unknown, readonly string[]]>([
    [
      'in a folder that is a link',
      (job, outside) => symlink(outside, join(job.workspace, 'report')),
      ['report.html', 'report.json', 'report.md'],
    ],
    [
      'whose name is a link',
      async (job, outside) => {
        await mkdir(join(job.workspace, 'report'))
        await symlink(join(outside, 'file'), join(job.workspace, 'report/report.json'))
      },
      ['report.json'],
    ],
    [
      'whose name is a pipe',
      async (job) => {
        await mkdir(join(job.workspace, 'report'))
        execFileSync('mkfifo', [join(job.workspace, 'report/report.md')])
      },
      ['report.md'],
    ],
  ])('%s is not written, which is a warning; the others are', async (_, put, refused) => {
    // There is no Docker, which is found out after the inputs were read: the report goes where they say.
    await runWith({ inputs, files }, put, (result, job) => {
      expect(result.exitCode).toBe(3)
      const warnings = said(result, 'warning').map(({ message }) => message)
      for (const name of refused)
        expect(warnings).toContainEqual(
          expect.stringMatching(new RegExp(`report/${name} was not written.*report-path`, 's')),
        )
      for (const name of ['report.html', 'report.json', 'report.md'].filter((one) => !refused.includes(one)))
        expect(readFileSync(join(job.workspace, 'report', name), 'utf8')).not.toBe('')
      expect(result.outputs.report !== undefined && result.outputs.report !== '').toBe(!refused.includes('report.json'))
      expect(existsSync(join(job.workspace, 'report/.tmp'))).toBe(false)
    })
  })
})
