import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { Job, StepResult } from '../standins/runner/runner.ts'
import { describeWith } from '../testbed/describe-with.ts'
import { type SecondEngine, startSecondEngine } from '../testbed/engine/second-engine.ts'
import { inspectMachine } from '../testbed/machine/machine.ts'
import { anyRepository, errorsOf, finish, published, runFault, startFault } from './fault-job.ts'
import { type Gate, gate } from './gate.ts'

// Engines are started, perhaps on a busy machine.
jest.setTimeout(300_000)

const both = ['amd64-tiny:1.2.3', 'tiny:1.2.3']
const quick = { 'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off', audit: 'off' }

describeWith(['classic-engine', 'containerd-engine', 'bases'], 'an engine of its own', () => {
  describe.each(['containerd', 'classic'] as const)('with the %s store', (store) => {
    let engine: SecondEngine
    let held: Gate | undefined
    afterEach(async () => {
      await held?.remove()
      held = undefined
      await engine.release()
    })

    const start = async (megabytes?: number) => {
      engine = await startSecondEngine(await inspectMachine(), store, megabytes)
    }
    const way = () => ({
      name: store === 'containerd' ? ('docker, containerd store' as const) : ('docker, classic store' as const),
      store,
      dockerHost: engine.dockerHost,
      inputs: { driver: 'docker', ...quick },
      environment: { DOCKER_HOST: engine.dockerHost, ...held?.environment },
    })

    /** The engine is made to do something when the image is built and its test has not begun. */
    async function betweenBuildAndTest(repository: string, event: () => Promise<void>): Promise<[Job, StepResult]> {
      held = await gate('docker image inspect *')
      const job = await startFault({ way: way(), repository })
      const step = job.main()
      await held.arrived()
      await event()
      await held.open()
      const result = await step.done
      await held.remove()
      return [job, result]
    }

    test('that ends between build and test: says so, publishes nothing, and the post step cleans up when it is back; one that is only restarted does no harm', async () => {
      await start()
      const repository = anyRepository()
      const [ended, result] = await betweenBuildAndTest(repository, () => engine.stop())
      expect(result.exitCode).toBe(3)
      expect(errorsOf(result)).toMatch(/Cannot connect to the Docker daemon.*docker info/)
      expect(await published(repository)).toEqual({})
      await engine.start()
      await finish(ended, result, engine.dockerHost)

      const [restarted, again] = await betweenBuildAndTest(repository, async () => {
        await engine.stop()
        await engine.start()
      })
      await finish(restarted, again, engine.dockerHost)
      expect([again.exitCode, errorsOf(again)]).toEqual([0, ''])
      expect(Object.keys(await published(repository))).toEqual(both)
    })

    test('with next to no room: no build is begun, and the error has the numbers', async () => {
      await start(150)
      const repository = anyRepository()
      const result = await runFault({ way: way(), repository })
      expect(result.exitCode).toBe(3)
      expect(errorsOf(result)).toMatch(
        /Only 1\d\d\.\d MB of 157\.3 MB are left where \S+ is, and a build needs at least 200\.0 MB/,
      )
      expect(await published(repository)).toEqual({})
    })

    test('whose disk fills up while it builds: the build is ended, and a smaller one goes through', async () => {
      await start(330)
      const repository = anyRepository()
      const fill = 'RUN for i in $(seq 100); do dd if=/dev/zero of=/f$i bs=1M count=4 2>&1 && sleep 0.1; done'
      const result = await runFault({ way: way(), repository, addon: { build: fill } })
      expect(result.exitCode).toBe(3)
      expect(errorsOf(result)).toMatch(
        /(are left where .* ended before the disk was full|no space left).*docker system prune/,
      )
      expect(await published(repository)).toEqual({})
      expect((await runFault({ way: way(), repository })).exitCode).toBe(0)
      expect(Object.keys(await published(repository))).toEqual(both)
    })
  })
})
