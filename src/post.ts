import { removeTraces } from './build/cleanup.ts'
import { commandMessage, printUncaught } from './platform/log/escape.ts'
import { createProcesses } from './platform/processes.ts'

// Reads the variables with the state itself: loading @actions/core would take most of this step's time.
const { STATE_runId: runId, STATE_temporary: temporary, STATE_released: released } = process.env

async function remove(runId: string, temporary: string): Promise<void> {
  const problems = await removeTraces(
    { runId, temporary },
    { processes: createProcesses(process.env), environment: process.env },
  )
  for (const problem of problems)
    console.log(`::warning title=aicleaner-build::Not removed: ${commandMessage(problem)}`)
}

printUncaught()
// A main step that was not killed has removed everything itself.
// Not awaited: with a top-level `await` the bundler makes more and smaller files.
if (runId !== undefined && temporary !== undefined && released !== 'true') void remove(runId, temporary)
