import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { inspectMachine, mustAsRoot } from '../environment/machine/machine.ts'
import type { Job } from '../fakes/runner/runner.ts'
import { type BuildDriver, describeDrivers } from './drivers.ts'
import { dockerOn } from './engine-faults.ts'
import { anyRepository, errorsOf, finish, published, runFault, runIdOf, startFault } from './fault-job.ts'

// Builders are booted, perhaps on a busy machine.
jest.setTimeout(300_000)

describeDrivers('in the middle of a build', (driver) => {
  const slow = 'RUN echo begun && sleep 600'
  const inputs = { 'smoke-test': 'false', audit: 'off' }

  /** Breaks something while a step runs; then the same add-on, whose step ends, is built as if nothing had been. */
  async function breakBuild(damage: (job: Job) => Promise<void>) {
    const repository = anyRepository()
    const job = await startFault({ driver, repository, inputs, addon: { build: slow } })
    const step = job.main()
    await step.seen(/#\d+ begun/)
    await damage(job)
    const result = await finish(job, await step.done, driver.dockerHost)
    expect(result.exitCode).toBe(3)
    expect(await published(repository)).toEqual({})
    expect((await runFault({ driver, repository, inputs, addon: { build: 'RUN echo begun' } })).exitCode).toBe(0)
    expect(Object.keys(await published(repository))).toEqual(['amd64-tiny:1.2.3', 'tiny:1.2.3'])
    return result
  }

  test.concurrent('buildx is killed: reports the signal, and publishes nothing', async () => {
    const result = await breakBuild(killBuildx)
    expect(errorsOf(result)).toMatch(/signal 9/)
  })

  if (driver.name === 'docker-container') {
    test.concurrent('the builder is killed: reports that it stopped, and publishes nothing', async () => {
      const result = await breakBuild((job) => killBuilder(driver, job))
      expect(errorsOf(result)).toMatch(/builder stopped/)
    })

    test.concurrent('the disk of the runner fills up: reports the free space, and publishes nothing', async () => {
      const machine = await inspectMachine()
      const folder = await mkdtemp(join(tmpdir(), 'aicleaner-small-disk-'))
      await mustAsRoot(machine, 'mount', ['-t', 'tmpfs', '-o', `size=240m,uid=${process.getuid?.()}`, 'tmpfs', folder])
      try {
        const repository = anyRepository()
        // What the builder makes, on its own disk, is more than there is room for here.
        const build = 'RUN dd if=/dev/urandom of=/large bs=1M count=250 2>&1'
        const environment = { ...driver.environment, RUNNER_TEMP: folder }
        const result = await runFault({
          driver: { ...driver, environment },
          repository,
          inputs: { ...inputs, compression: 'zstd:1' },
          addon: { build },
        })
        expect(result.exitCode).toBe(3)
        expect(errorsOf(result)).toMatch(
          /are free on the disk of \S*small-disk.* stopped before the disk was full|no space left/,
        )
        expect(await published(repository)).toEqual({})
        expect(await readdir(folder)).toEqual(['aicleaner-build'])
      } finally {
        await mustAsRoot(machine, 'umount', [folder])
        await rm(folder, { recursive: true })
      }
    })
  }
})

async function killBuildx(job: Job): Promise<void> {
  const found = (await job.orphans()).filter(({ command }) => /buildx\S* (buildx )?build /.test(command))
  expect(found.length).toBeGreaterThan(0)
  for (const { pid } of found) process.kill(pid, 'SIGKILL')
}

async function killBuilder({ dockerHost }: BuildDriver, job: Job): Promise<void> {
  const docker = dockerOn(dockerHost)
  const runId = await runIdOf(job)
  const name = docker('ps', '--format', '{{.Names}}', '--filter', `name=aicleaner-build-${runId}`)
  expect(name).toMatch(/^\S+$/)
  docker('kill', name)
}
