import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/report.ts'
import { describeWith } from '../testbed/describe-with.ts'
import { run } from '../testbed/machine/command.ts'
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
  const version = `3.0.${process.pid}`
  const architecture = architectureOfMachine()
  const tags = [`aicleaner:${version}`, `aicleaner:${version}-${architecture}`]
  const { folder, remove } = scratch()
  afterAll(async () => {
    await docker.try('image', 'rm', '--force', ...tags)
    remove()
  }, 30_000)

  const call = (...args: string[]) =>
    run(script, args, {
      // Relative to nothing: the script finds its files wherever it is called.
      folder: '/',
      environment: {
        REPORT_PATH: folder,
        BUILD_FROM: `${facts.bases?.python}:{arch}`,
        DOCKER_HOST: facts.engine?.dockerHost ?? '',
      },
      timeoutMs: 580_000,
    })

  test('VERSION single: builds, tests, and leaves an image in Docker that runs', async () => {
    const { code, stdout, stderr } = await call(version, 'single')
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining(`Loaded aicleaner:${version}`)])
    expect(stdout).toContain('Smoke test passed')
    expect(
      await docker(
        'image',
        'inspect',
        '--format',
        '{{index .Config.Labels "io.hass.version"}}',
        `aicleaner:${version}`,
      ),
    ).toBe(version)
    expect(await docker('run', '--rm', '--entrypoint', 'printenv', `aicleaner:${version}`, 'AICLEANER_VERSION')).toBe(
      version,
    )
  }, 290_000)

  test('VERSION multi: builds and tests all three, and leaves none of them in Docker', async () => {
    const { code, stdout, stderr } = await call(version, 'multi')
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining('Loaded')])
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
    expect(report.addons[0]?.version).toBe(version)
    expect(
      report.addons[0]?.targets.map(({ architecture, build, smoke }) => [architecture, build.status, smoke?.status]),
    ).toEqual(['amd64', 'aarch64', 'armv7'].map((each) => [each, 'built', 'passed']))
    expect(await docker('image', 'ls', '--quiet', '--filter', `reference=aicleaner:${version}-*`)).toBe('')
  }, 590_000)

  test('VERSION test LOAD ARCH: the audit finds nothing, and the image is named by its architecture', async () => {
    const { code, stdout, stderr } = await call(version, 'test', 'true', architecture)
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining(`Loaded aicleaner:${version}-${architecture}`)])
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
    expect(report.verdict.passed).toBe(true)
  }, 290_000)
})
