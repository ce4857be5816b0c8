import { expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { copyBase } from './bases.ts'
import { describeDrivers } from './drivers.ts'
import { anyRepository, errorsOf, published, runFault } from './fault-job.ts'

// Emulated containers, perhaps on a busy machine.
jest.setTimeout(300_000)

const { registry = '', bases } = readFacts()
const tiny = bases?.tiny ?? ''
const architectures = ['amd64', 'aarch64'] as const

describeDrivers('a base image', (driver) => {
  test.concurrent('that is missing for one architecture: names it and what to do, and publishes nothing of the other', async () => {
    const repository = anyRepository()
    const base = `${registry}/${repository}/base`
    await copyBase(`${tiny}:amd64`, `${base}:amd64`)
    const options = {
      driver,
      repository,
      addon: { base, architectures },
      inputs: { 'smoke-test': 'false', audit: 'off' },
    }
    const result = await runFault(options)
    expect(result.exitCode).toBe(1)
    expect(errorsOf(result)).toContain(`${base}:aarch64`)
    expect(errorsOf(result)).toMatch(/build_from/)
    expect(await published(repository, architectures)).toEqual({})
    await copyBase(`${tiny}:aarch64`, `${base}:aarch64`)
    expect((await runFault(options)).exitCode).toBe(0)
    expect(Object.keys(await published(repository, architectures))).toHaveLength(3)
  })

  test.concurrent('of another platform, declared or not: is detected before anything is published', async () => {
    const repository = anyRepository()
    const base = `${registry}/${repository}/base`
    await copyBase(`${tiny}:amd64`, `${base}:aarch64`, 'arm64')
    await copyBase(`${tiny}:amd64`, `${base}:armv7`)
    const wrong = ['aarch64', 'armv7'] as const
    const result = await runFault({ driver, repository, addon: { base, architectures: wrong } })
    expect(result.exitCode).toBe(1)
    for (const architecture of wrong) expect(errorsOf(result)).toContain(`is for amd64, not for ${architecture}`)
    expect(result.log).toMatch(/pulled with platform "linux\/amd64", expected "linux\/arm\/v7"/)
    expect(await published(repository, wrong)).toEqual({})
  })
})
