import { dirname, join } from 'node:path'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { type SecondEngine, startSecondEngine } from '../environment/engine/second-engine.ts'
import { inspectMachine, mustAsRoot } from '../environment/machine/machine.ts'
import type { Job, StepResult } from '../fakes/runner/runner.ts'
import { anyRepository, errorsOf, finish, published, runFault, startFault } from './fault-job.ts'
import { gate } from './gate.ts'

// Engines are started, perhaps on a busy machine.
jest.setTimeout(300_000)

const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']
const quick = { 'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off', audit: 'off' }

describeWith(['classic-engine', 'containerd-engine', 'bases'], 'an engine of its own', () => {
  const engines: SecondEngine[] = []
  afterAll(() => Promise.all(engines.map((engine) => engine.release())))

  describe.each(['containerd', 'classic'] as const)('with the %s store', (store) => {
    const start = async (megabytes?: number): Promise<SecondEngine> => {
      const engine = await startSecondEngine(await inspectMachine(), store, megabytes)
      engines.push(engine)
      return engine
    }
    const driverOf = ({ dockerHost }: SecondEngine, environment: Readonly<Record<string, string>> = {}) => ({
      name: store === 'containerd' ? ('docker, containerd store' as const) : ('docker, classic store' as const),
      store,
      dockerHost,
      inputs: { driver: 'docker', ...quick },
      environment: { DOCKER_HOST: dockerHost, ...environment },
    })

    /** The engine is made to do something when the image is built and its test has not begun. */
    async function betweenBuildAndTest(
      engine: SecondEngine,
      repository: string,
      event: () => Promise<void>,
    ): Promise<[Job, StepResult]> {
      const held = await gate('docker image inspect *')
      try {
        const job = await startFault({ driver: driverOf(engine, held.environment), repository })
        const step = job.main()
        await held.arrived()
        await event()
        await held.open()
        return [job, await step.done]
      } finally {
        await held.remove()
      }
    }

    test.concurrent('that stops between build and test: fails the run, and the post step cleans up after a restart; a restart alone does no harm', async () => {
      const engine = await start()
      const repository = anyRepository()
      const [ended, result] = await betweenBuildAndTest(engine, repository, () => engine.stop())
      expect(result.exitCode).toBe(3)
      expect(errorsOf(result)).toMatch(/Cannot connect to the Docker daemon.*docker info/)
      expect(await published(repository)).toEqual({})
      await engine.start()
      await finish(ended, result, engine.dockerHost)

      const [restarted, again] = await betweenBuildAndTest(engine, repository, async () => {
        await engine.stop()
        await engine.start()
      })
      await finish(restarted, again, engine.dockerHost)
      expect([again.exitCode, errorsOf(again)]).toEqual([0, ''])
      expect(Object.keys(await published(repository))).toEqual(both)
    })

    test.concurrent('whose disk is full or fills up: the build is not started or is stopped, with the free space; then a smaller build succeeds', async () => {
      const engine = await start(330)
      const repository = anyRepository()
      const untested = { driver: driverOf(engine), repository, inputs: { 'smoke-test': 'false' } }
      const machine = await inspectMachine()
      const ballast = join(dirname(engine.dockerHost.replace('unix://', '')), 'data', 'ballast')
      await mustAsRoot(machine, 'fallocate', ['--length', '180MiB', ballast])
      const refused = await runFault(untested)
      expect(refused.exitCode).toBe(3)
      expect(errorsOf(refused)).toMatch(
        /Only 1\d\d\.\d MB of 346\.0 MB are free on the disk of \S+; a build needs at least 200\.0 MB/,
      )
      await mustAsRoot(machine, 'rm', [ballast])

      const fill = 'RUN for i in $(seq 100); do dd if=/dev/zero of=/f$i bs=1M count=4 2>&1 && sleep 0.1; done'
      const ended = await runFault({ ...untested, addon: { build: fill } })
      expect(ended.exitCode).toBe(3)
      expect(errorsOf(ended)).toMatch(
        /(are free on the disk of .* stopped before the disk was full|no space left).*docker system prune/,
      )
      expect(await published(repository)).toEqual({})
      expect((await runFault({ driver: driverOf(engine), repository })).exitCode).toBe(0)
      expect(Object.keys(await published(repository))).toEqual(both)
    })
  })
})
