import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { describeWith } from '../environment/describe-with.ts'
import { type Job, type StepResult, startJob } from '../fakes/runner/runner.ts'
import { filesOf, type HostileContainer, hostileContainers } from './containers.ts'

jest.setTimeout(600_000)

const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim()

const secrets = {
  password: 'hunter-of-the-registry',
  runtime: 'runtime-token-of-the-job',
  token: 'ghs_token_of_the_job',
}

describeWith(
  ['engine', 'bases', 'registry'],
  'hostile containers, through the committed bundle',
  ({ bases, registry }) => {
    const folder = mkdtempSync(join(tmpdir(), 'aicleaner-hostile-'))
    let job: Job
    let result: StepResult
    let report: Report
    let before: readonly string[] = []
    const containers = hostileContainers({ folder })

    beforeAll(async () => {
      await writeFile(join(folder, 'canary'), 'canary-of-the-runner')
      job = await startJob({
        files: Object.assign({}, ...containers.map((one) => filesOf(one, bases?.tiny ?? ''))),
        inputs: {
          target: containers.map(({ slug }) => slug).join('\n'),
          registry: registry ?? '',
          username: 'octo',
          password: secrets.password,
          cache: 'none',
          audit: 'off',
          'smoke-timeout': '40s',
          'smoke-run-args': '--memory 256m --memory-swap 256m',
          parallel: '6',
        },
        token: secrets.token,
        secrets: [secrets.password],
        environment: { ACTIONS_RUNTIME_TOKEN: secrets.runtime },
      })
      before = await filesBelow(job.workspace)
      result = await job.main().done
      if (result.outputs.report === undefined) throw new Error(`There is no report:\n${result.log.slice(-5000)}`)
      report = JSON.parse(await readFile(result.outputs.report, 'utf8')) as Report
    })
    afterAll(async () => {
      await job?.end()
      await rm(folder, { recursive: true, force: true })
    })

    const smokeOf = ({ slug }: HostileContainer) => {
      const target = report.addons.find((addon) => addon.slug === slug)?.targets[0]
      if (!target?.smoke)
        throw new Error(`${slug} was not tested: ${JSON.stringify(target)}\n${result.log.slice(-3000)}`)
      return target.smoke
    }

    test.each(containers)('an add-on that $title gets its verdict', (one) => one.expect(smokeOf(one)))

    test('the run fails because of the containers, not because of a defect', () => {
      expect(result.exitCode).toBe(1)
      expect(result.raw).not.toContain('This is a defect')
      expect(result.problems).toEqual([])
    })

    test('the runner receives no commands except ours', () => {
      const ours = ['error', 'warning', 'notice', 'group', 'endgroup', 'debug', 'add-mask', 'save-state']
      expect(result.commands.filter(({ name }) => !ours.includes(name))).toEqual([])
      const annotations = result.commands.filter(({ name }) => ['error', 'warning', 'notice'].includes(name))
      for (const { properties } of annotations) expect(properties.title).toMatch(/^[a-z-]+\/[a-z-]+$/)
      for (const { message, name } of result.commands) {
        if (name === 'add-mask') expect(message).not.toBe('o')
        if (name === 'group') expect(message).not.toContain('six')
      }
      expect(Object.keys(result.outputs)).not.toContain('name')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal acts on.
      expect(result.raw).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/)
    })

    test('no secret of the run is in the output of the containers or in any file', async () => {
      const kept = await readFile(result.outputs.report?.replace(/json$/, 'html') ?? '', 'utf8')
      for (const secret of Object.values(secrets)) {
        for (const text of [JSON.stringify(report), kept, result.summary, result.raw])
          expect(text).not.toContain(secret)
      }
      expect(JSON.stringify(report)).not.toContain('canary-of-the-runner')
    })

    test('nothing of the run is left, and the files of the runner are unchanged', async () => {
      expect((await job.post()).exitCode).toBe(0)
      const label = `label=aicleaner-build.run=${result.state.runId}`
      expect(docker('ps', '-aq', '--filter', label)).toBe('')
      expect(docker('network', 'ls', '-q', '--filter', label)).toBe('')
      expect(docker('volume', 'ls', '-q', '--filter', label)).toBe('')
      expect(await job.orphans()).toEqual([])
      expect(await job.leftovers()).toEqual(['aicleaner-build'])
      expect(await filesBelow(job.workspace)).toEqual(before)
      expect(await readFile(join(folder, 'canary'), 'utf8')).toBe('canary-of-the-runner')
      expect(await readdir(folder)).toEqual(['canary'])
    })
  },
)

/** Paths and contents. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(files.sort().map(async (file) => `${file}\n${await readFile(file, 'utf8')}`))
}
