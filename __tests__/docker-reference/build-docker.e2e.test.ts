import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { describeWith } from '../environment/describe-with.ts'
import { type ProcessResult, run } from '../environment/machine/command.ts'
import { dockerOf, reference, temporaryFolder } from './docker.ts'
import { hostArchitecture } from './host-architecture.ts'

const script = join(reference, 'build-docker.sh')

describe('build-docker.sh', () => {
  test.each([
    [[], 'VERSION is missing'],
    [['3.0.0'], 'mode "" is not single, multi or test'],
    [['3.0.0', 'all'], 'mode "all" is not single, multi or test'],
    [['3.0.0', 'single', 'amd64'], 'LOAD must be true or false, not "amd64"'],
    [['3.0.0', 'multi', 'true', 'amd64', 'x'], 'unexpected argument "x"'],
  ])('rejects the arguments %j and prints its usage', async (args, reason) => {
    const result = await run(script, args)
    expect([result.code, result.stdout]).toEqual([2, ''])
    expect(result.stderr).toContain(`build-docker.sh: ${reason}\n`)
    expect(result.stderr).toContain('./build-docker.sh VERSION single')
  })
})

describeWith(['engine', 'emulators', 'bases'], 'build-docker.sh', (facts) => {
  const docker = dockerOf(facts)
  const architecture = hostArchitecture()
  const { folder, remove } = temporaryFolder()
  // Unique to this test run and to each call, because two calls run in parallel.
  const version = (call: number) => `3.${call}.${process.pid}${Date.now() % 1000}`
  const [single, multi, strict] = [version(1), version(2), version(3)]
  const calls = new Map<string, Promise<ProcessResult>>()
  beforeAll(() => {
    calls.set(single, call(single, 'single'))
    calls.set(strict, call(strict, 'test', 'true', architecture))
    // Emulated containers must start within a timeout, so nothing else in this file runs at the same time.
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
      // The script must find its files from any working directory.
      folder: '/',
      environment: {
        REPORT_PATH: join(folder, version),
        BUILD_FROM: `${facts.bases?.python}:{arch}`,
        DOCKER_HOST: facts.engine?.dockerHost ?? '',
      },
    })
  const outputOf = async (version: string): Promise<string> => {
    const { code, stdout = '', stderr = '' } = (await calls.get(version)) ?? {}
    if (code !== 0) throw new Error(`build-docker.sh ${version} exited with code ${code}:\n${stdout}${stderr}`)
    return stdout + stderr
  }
  const reportOf = (version: string) => JSON.parse(readFileSync(join(folder, version, 'report.json'), 'utf8')) as Report

  test('VERSION single builds, tests and loads an image that runs', async () => {
    const output = await outputOf(single)
    expect(output).toContain(`Loaded aicleaner:${single}`)
    expect(output).toContain('Smoke test passed')
    const label = ['--format', '{{index .Config.Labels "io.hass.version"}}', `aicleaner:${single}`]
    expect(await docker('image', 'inspect', ...label)).toBe(single)
    expect(await docker('run', '--rm', '--entrypoint', 'printenv', `aicleaner:${single}`, 'AICLEANER_VERSION')).toBe(
      single,
    )
  }, 600_000)

  test('VERSION multi builds and tests all three architectures and loads none', async () => {
    const output = await outputOf(multi)
    expect(output).not.toContain('Loaded')
    const [addon] = reportOf(multi).addons
    expect(addon?.version).toBe(multi)
    expect(addon?.targets.map(({ architecture, build, smoke }) => [architecture, build.status, smoke?.status])).toEqual(
      ['amd64', 'aarch64', 'armv7'].map((expected) => [expected, 'built', 'passed']),
    )
    expect(await docker('image', 'ls', '--quiet', '--filter', `reference=aicleaner:${multi}*`)).toBe('')
  }, 600_000)

  test('VERSION test LOAD ARCH passes without audit findings and tags the image with its architecture', async () => {
    const output = await outputOf(strict)
    expect(output).toContain(`Loaded aicleaner:${strict}-${architecture}`)
    expect(reportOf(strict).verdict.passed).toBe(true)
  }, 600_000)
})
