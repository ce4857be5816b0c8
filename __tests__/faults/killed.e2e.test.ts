import { readFileSync } from 'node:fs'
import { expect, jest, test } from '@jest/globals'
import type { Job } from '../fakes/runner/runner.ts'
import { describeDrivers } from './drivers.ts'
import { anyRepository, finish, isRunning, published, runIdOf, startFault, until } from './fault-job.ts'

jest.setTimeout(300_000)

/** The action's own process and no other: what it started goes on. One that it is starting at this moment has its command line until it has its own. */
async function killMain(job: Job): Promise<void> {
  const found = (await job.orphans()).filter(({ command }) => /(main\.ts|main\/index\.js)$/.test(command))
  const pids = new Set(found.map(({ pid }) => pid))
  const isOwn = (parent: number | undefined) => parent !== undefined && !pids.has(parent)
  const [main, ...others] = [...pids].filter((pid) => isOwn(parentOf(pid)))
  if (main === undefined) throw new Error('the action does not run')
  expect(others).toEqual([])
  process.kill(main, 'SIGKILL')
}

/** Undefined for one that is gone. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

describeDrivers('a main step that is killed without its child processes', (driver) => {
  test.concurrent('in the middle of a build: the post step ends the build and removes everything, as often as it is called', async () => {
    const repository = anyRepository()
    const job = await startFault({ driver, repository, addon: { build: 'RUN echo begun && sleep 600' } })
    const step = job.main()
    await step.seen(/#\d+ begun/)
    await killMain(job)
    const result = await step.done
    expect(result.exitCode).toBe(137)
    expect((await job.orphans()).map(({ command }) => command).join('\n')).toMatch(/buildx/)
    expect((await job.post()).exitCode).toBe(0)
    await finish(job, result, driver.dockerHost)
    expect(await published(repository)).toEqual({})
  })

  test.concurrent('in the middle of a smoke test: the post step removes everything', async () => {
    const repository = anyRepository()
    const addon = { healthcheck: 'HEALTHCHECK CMD false', command: 'sleep 300' }
    const job = await startFault({ driver, repository, addon })
    const step = job.main()
    await until(async () => {
      const runId = await runIdOf(job).catch(() => undefined)
      return runId !== undefined && (await isRunning(`aicleaner-${runId}-smoke-tiny`, driver.dockerHost))
    })
    await killMain(job)
    await finish(job, await step.done, driver.dockerHost)
    expect(await published(repository)).toEqual({})
  })
})
