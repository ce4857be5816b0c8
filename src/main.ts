import { appendFile } from 'node:fs/promises'
import type { Desk } from './deliver.ts'
import { actionsLog } from './log/actions.ts'
import { getInput, saveState, setOutput } from './log/core.ts'
import { printUncaught } from './log/escape.ts'
import { openHost } from './open-host.ts'
import { start } from './start.ts'

printUncaught()
const host = openHost(process.env, actionsLog())
// Before anything else is made: the post step of a run that was killed has only this to go by.
saveState('runId', host.runId)
saveState('temporary', host.temporary)

const desk: Desk = {
  output: setOutput,
  async summary(markdown) {
    if (process.env.GITHUB_STEP_SUMMARY) await appendFile(process.env.GITHUB_STEP_SUMMARY, `${markdown}\n`)
  },
}

const { exitCode, clean } = await start({ text: getInput, host, desk })
if (clean) saveState('released', 'true')
// Not left to the event loop: a connection that a registry keeps open would hold the step.
process.exit(exitCode)
