import { appendFile } from 'node:fs/promises'
import type { ActionOutputs } from './pipeline/deliver-report.ts'
import { runAction } from './pipeline/run-action.ts'
import { actionsLog } from './platform/log/actions.ts'
import { getInput, saveState, setOutput } from './platform/log/actions-core.ts'
import { printUncaught } from './platform/log/escape.ts'
import { openHost } from './platform/open-host.ts'

printUncaught()
const host = openHost(process.env, actionsLog())
// Saved first, because the post step of a killed run has only this state.
saveState('runId', host.runId)
saveState('temporary', host.temporary)

const outputs: ActionOutputs = {
  output: setOutput,
  async summary(markdown) {
    if (process.env.GITHUB_STEP_SUMMARY) await appendFile(process.env.GITHUB_STEP_SUMMARY, `${markdown}\n`)
  },
}

// If the event loop ends before the run does, the run has failed. Not awaited: with a top-level `await` the bundler makes more and smaller files.
process.exitCode = 1
void runAction({ text: getInput, host, outputs }).then(({ exitCode, clean }) => {
  if (clean) saveState('released', 'true')
  // Exits now: an open connection to a registry would keep the step running.
  process.exit(exitCode)
})
