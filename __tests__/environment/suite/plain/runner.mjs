import { Worker } from 'jest-worker'

/**
 * jest's `runner`: runs test files with jest's own test functions in plain Node, several in each process.
 * Jest's own runner loads all modules again for each file in a separate context, which takes most of the time of unit tests.
 * Changes to modules and globals are visible to other test files, so each file must restore them.
 */
export default class PlainRunner {
  constructor(globalConfig) {
    this.globalConfig = globalConfig
    this.supportsEventEmitters = false
  }

  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const { maxWorkers, testNamePattern } = this.globalConfig
    const worker = new Worker(new URL('worker.mjs', import.meta.url).pathname, {
      numWorkers: maxWorkers,
      exposedMethods: ['runFile'],
      maxRetries: 0,
      forkOptions: { execArgv: ['--import', new URL('hooks.mjs', import.meta.url).href] },
    })
    for (const [from, to] of [
      [worker.getStdout(), process.stdout],
      [worker.getStderr(), process.stderr],
    ])
      from?.pipe(to, { end: false })
    try {
      await Promise.all(
        tests.map(async (test) => {
          if (watcher.isInterrupted()) return
          const { globalConfig } = this
          const { config } = test.context
          try {
            const request = {
              path: test.path,
              testNamePattern,
              config: plainOf(config),
              globalConfig: plainOf(globalConfig),
            }
            await onStart(test)
            const result = await worker.runFile(request)
            await onResult(test, result)
          } catch (thrown) {
            await onFailure(test, thrown)
          }
        }),
      )
    } finally {
      await worker.end()
    }
  }
}

/** The settings that the messages of failures depend on. */
const plainOf = ({ rootDir, testMatch, testTimeout, noStackTrace }) => ({
  rootDir,
  testMatch,
  testTimeout,
  noStackTrace,
})
