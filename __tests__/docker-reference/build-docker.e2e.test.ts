import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { describeWith } from '../environment/describe-with.ts'
import { type Answer, run } from '../environment/machine/command.ts'
import { dockerOf, reference, scratch } from './docker.ts'
import { architectureOfMachine } from './machine.ts'

const script = join(reference, 'build-docker.sh')

describe('build-docker.sh', () => {
  test.each([
    [[], 'the version is missing'],
    [['3.0.0'], '"" is not single, multi or test'],
    [['3.0.0', 'all'], '"all" is not single, multi or test'],
    [['3.0.0', 'single', 'amd64'], 'LOAD is true or false, not "amd64"'],
    [['3.0.0', 'multi', 'true', 'amd64', 'x'], 'what does "x" mean?'],
  ])('refuses %j with its usage, before it does anything', async (args, reason) => {
    const answer = await run(script, args)
    expect([answer.code, answer.stdout]).toEqual([2, ''])
    expect(answer.stderr).toContain(`build-docker.sh: ${reason}\n`)
    expect(answer.stderr).toContain('./build-docker.sh VERSION single')
  })
})

describeWith(['engine', 'emulators', 'bases'], 'build-docker.sh', (facts) => {
  const docker = dockerOf(facts)
  const architecture = architectureOfMachine()
  const { folder, remove } = scratch()
  // Of this run alone, and different for each call, as two of them run at once.
  const version = (call: number) => `3.${call}.${process.pid}${Date.now() % 1000}`
  const [single, multi, strict] = [version(1), version(2), version(3)]
  const calls = new Map<string, Promise<Answer>>()
  beforeAll(() => {
    calls.set(single, call(single, 'single'))
    calls.set(strict, call(strict, 'test', 'true', architecture))
    // Emulated containers have a limit of time to start in: nothing else of this file runs beside them.
    calls.set(
      multi,
      Promise.all(calls.values()).then(() => call(multi, 'multi')),
    )
  })
  afterAll(async () => {
    await Promise.all(calls.values())
    await docker.try('image', 'rm', '--force', `aicleaner:${single}`, `aicleaner:${strict}-${architecture}`)
    remove()
  }, 600_000)

  const call = (version: string, ...args: string[]) =>
    run(script, [version, ...args], {
      // Relative to nothing: the script finds its files wherever it is called.
      folder: '/',
      environment: {
        REPORT_PATH: join(folder, version),
        BUILD_FROM: `${facts.bases?.python}:{arch}`,
        DOCKER_HOST: facts.engine?.dockerHost ?? '',
      },
    })
  const outputOf = async (version: string): Promise<string> => {
    const { code, stdout = '', stderr = '' } = (await calls.get(version)) ?? {}
    if (code !== 0) throw new Error(`build-docker.sh ${version} ended with exit code ${code}:\n${stdout}${stderr}`)
    return stdout + stderr
  }
  const reportOf = (version: string) => JSON.parse(readFileSync(join(folder, version, 'report.json'), 'utf8')) as Report

  test('VERSION single: builds, tests, and leaves an image in Docker that runs', async () => {
    const output = await outputOf(single)
    expect(output).toContain(`Loaded aicleaner:${single}`)
    expect(output).toContain('Smoke test passed')
    const label = ['--format', '{{index .Config.Labels "io.hass.version"}}', `aicleaner:${single}`]
    expect(await docker('image', 'inspect', ...label)).toBe(single)
    expect(await docker('run', '--rm', '--entrypoint', 'printenv', `aicleaner:${single}`, 'AICLEANER_VERSION')).toBe(
      single,
    )
  }, 600_000)

  test('VERSION multi: builds and tests all three, and leaves none of them in Docker', async () => {
    const output = await outputOf(multi)
    expect(output).not.toContain('Loaded')
    const [addon] = reportOf(multi).addons
    expect(addon?.version).toBe(multi)
    expect(addon?.targets.map(({ architecture, build, smoke }) => [architecture, build.status, smoke?.status])).toEqual(
      ['amd64', 'aarch64', 'armv7'].map((each) => [each, 'built', 'passed']),
    )
    expect(await docker('image', 'ls', '--quiet', '--filter', `reference=aicleaner:${multi}*`)).toBe('')
  }, 600_000)

  test('VERSION test LOAD ARCH: the audit finds nothing, and the image is named by its architecture', async () => {
    const output = await outputOf(strict)
    expect(output).toContain(`Loaded aicleaner:${strict}-${architecture}`)
    expect(reportOf(strict).verdict.passed).toBe(true)
  }, 600_000)
})
