import { setImmediate } from 'node:timers/promises'
import type { RestClient, RestResponse } from '../../src/github/rest.ts'

export interface VirtualTime {
  /** A task that is to end before the time does. */
  start<T>(task: () => Promise<T>): Promise<T>
  sleep(ms: number): Promise<void>
  /** A client whose requests take time before and after they have their effect. */
  slow(client: RestClient, latency: () => number): RestClient
  /** Lets time pass until all tasks have ended. */
  run(): Promise<void>
}

/** A clock that goes on only when every task waits for it: hours take no time, and the order of requests is that of their latencies. */
export function virtualTime(): VirtualTime {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  let now = 0
  let requests = 0
  let tasks = 0

  const sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      sleepers.push({ at: now + ms, wake })
      sleepers.sort((a, b) => a.at - b.at)
    })

  const slowly = async <T>(work: () => Promise<T>, latency: () => number): Promise<T> => {
    await sleep(latency())
    requests++
    const result = await work().finally(() => requests--)
    await sleep(latency())
    return result
  }

  return {
    start: async (task) => {
      tasks++
      return task().finally(() => tasks--)
    },
    sleep,
    slow: (client, latency) => ({
      request: (route, parameters): Promise<RestResponse> => slowly(() => client.request(route, parameters), latency),
      async *pages(route, parameters) {
        const pages = client.pages(route, parameters)
        for (;;) {
          const { done, value } = await slowly(() => pages.next(), latency)
          if (done) return
          yield value
        }
      },
    }),
    run: async () => {
      while (tasks > 0) {
        await setImmediate()
        const [next] = sleepers
        if (requests > 0 || !next) continue
        sleepers.shift()
        now = next.at
        next.wake()
      }
    },
  }
}
