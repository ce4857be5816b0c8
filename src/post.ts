import { removeTraces } from './build/cleanup.ts'
import { commandMessage, printUncaught } from './platform/log/escape.ts'
import { createProcesses } from './platform/processes.ts'

printUncaught()
// State comes as variables; @actions/core, which reads no more than that here, would be most of this step's time.
const { STATE_runId: runId, STATE_temporary: temporary, STATE_released: released } = process.env

// A main step that ended by itself has removed everything; only one that was killed leaves something to do.
if (runId !== undefined && temporary !== undefined && released !== 'true') {
  const problems = await removeTraces(
    { runId, temporary },
    { processes: createProcesses(process.env), environment: process.env },
  )
  for (const problem of problems)
    console.log(`::warning title=aicleaner-build::Not removed: ${commandMessage(problem)}`)
}
