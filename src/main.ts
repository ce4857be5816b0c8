import { appendFile } from 'node:fs/promises'
import type { ActionOutputs } from './pipeline/deliver-report.ts'
import { runAction } from './pipeline/run-action.ts'
import { actionsLog } from './platform/log/actions.ts'
import { getInput, saveState, setOutput } from './platform/log/actions-core.ts'
import { printUncaught } from './platform/log/escape.ts'
import { openHost } from './platform/open-host.ts'

printUncaught()
const host = openHost(process.env, actionsLog())
// Before anything else is made: the post step of a run that was killed has only this to go by.
saveState('runId', host.runId)
saveState('temporary', host.temporary)

const outputs: ActionOutputs = {
  output: setOutput,
  async summary(markdown) {
    if (process.env.GITHUB_STEP_SUMMARY) await appendFile(process.env.GITHUB_STEP_SUMMARY, `${markdown}\n`)
  },
}

async function run(): Promise<never> {
  const { exitCode, clean } = await runAction({ text: getInput, host, outputs })
  if (clean) saveState('released', 'true')
  // Not left to the event loop: a connection that a registry keeps open would hold the step.
  process.exit(exitCode)
}

// A run that stops before its end has failed. Not awaited here: with a top-level `await` the bundler makes more and smaller files.
process.exitCode = 1
void run()
