import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Host, Log } from '../core/host.ts'
import { systemClock } from './clock.ts'
import { readEvent } from './event.ts'
import { createProcesses } from './processes.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The real host. SIGINT or SIGTERM aborts `signal`; from then on the program has seconds to clean up. */
export function openHost(environment: Environment, log: Log, signals: NodeJS.EventEmitter = process): Host {
  const controller = new AbortController()
  // A second signal must not kill the program during the cleanup.
  for (const name of ['SIGINT', 'SIGTERM']) signals.on(name, () => controller.abort(new Error(name)))
  const payload = readPayload(environment.GITHUB_EVENT_PATH)
  const parent = environment.RUNNER_TEMP || tmpdir()
  mkdirSync(parent, { recursive: true })
  return {
    processes: createProcesses(environment),
    clock: systemClock,
    log,
    environment,
    workspace: resolve(environment.GITHUB_WORKSPACE || process.cwd()),
    temporary: mkdtempSync(join(parent, 'aicleaner-build-run-')),
    runId: randomBytes(6).toString('hex'),
    event: readEvent(environment, payload, systemClock.now()),
    payload,
    signal: controller.signal,
  }
}

function readPayload(file: string | undefined): unknown {
  if (!file) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Runners always write the file. Without it the event is read from the variables alone.
    return undefined
  }
}
