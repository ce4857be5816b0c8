import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseCommandFile } from './command-file.ts'
import type { Command } from './commands.ts'
import { createLog } from './log.ts'
import type { Masker } from './masks.ts'
import { kill as killAll, treeOf } from './process-tree.ts'

export interface StepResult {
  /** 128 + signal number if a signal ended it. */
  readonly exitCode: number
  /** The log as shown to users: masked values are `***`, commands are processed. */
  readonly log: string
  /** The original output of the action, without the lines that add a mask. */
  readonly raw: string
  readonly commands: readonly Command[]
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  /** Set for later steps: variables, and folders of PATH. */
  readonly env: Readonly<Record<string, string>>
  readonly path: readonly string[]
  /** Problems that a real runner would warn about or fail the step for. Tests expect it to be empty. */
  readonly problems: readonly string[]
  readonly durationMs: number
  /** The lines that print a text, except commands that mask it. */
  leaksOf(text: string): readonly string[]
}

export interface Step {
  readonly done: Promise<StepResult>
  /** Resolves when a line of the log matches; rejects if the step ends without a match. */
  seen(pattern: RegExp): Promise<void>
  /**
   * Cancels the step as the runner does: SIGINT to the action, SIGTERM after 7.5 s; after another 2.5 s it is killed with all its descendants.
   * Source: actions/runner `ProcessInvoker.CancelAndKillProcessTree`.
   */
  cancel(): Promise<StepResult>
  /** Kills the step and all its descendants immediately, as if the machine were shut down. */
  kill(): Promise<StepResult>
}

export interface StepSetting {
  readonly node: string
  readonly script: string
  readonly workspace: string
  readonly environment: Readonly<Record<string, string>>
  /** Folder for the files of this step. */
  readonly folder: string
  readonly masker: Masker
  readonly debug: boolean
}

const files = {
  GITHUB_OUTPUT: 'output',
  GITHUB_STATE: 'state',
  GITHUB_ENV: 'env',
  GITHUB_PATH: 'path',
  GITHUB_STEP_SUMMARY: 'summary',
} as const

/** Source: actions/runner `CreateStepSummaryCommand`. */
const largestSummary = 1024 * 1024

/** A process that the action left running may keep its output open; the runner does not wait for that either. */
const outputTimeoutMs = 2000

export function startStep(setting: StepSetting): Step {
  const file = (name: string): string => join(setting.folder, name)
  mkdirSync(setting.folder, { recursive: true })
  for (const name of Object.values(files)) writeFileSync(file(name), '')
  const log = createLog(setting.masker, setting.debug)
  const watchers = new Set<(line: string) => void>()
  const started = performance.now()
  const child = spawn(setting.node, [setting.script], {
    cwd: setting.workspace,
    env: {
      ...setting.environment,
      ...Object.fromEntries(Object.entries(files).map(([variable, name]) => [variable, file(name)])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const streams = [child.stdout, child.stderr].map((stream) => {
    const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    reader.on('line', (line) => {
      log.add(line)
      for (const watch of watchers) watch(line)
    })
    return new Promise<void>((resolve) => reader.once('close', resolve))
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, name) => resolve(code ?? 128 + (signalNumbers[name ?? ''] ?? 0)))
  })

  const finish = async (): Promise<StepResult> => {
    const exitCode = await ended
    const durationMs = performance.now() - started
    await within(outputTimeoutMs, Promise.all(streams))
    const read = (name: keyof typeof files): string => readFileSync(file(files[name]), 'utf8')
    const problems: string[] = []
    const pairs = (name: keyof typeof files): Readonly<Record<string, string>> => {
      try {
        return parseCommandFile(read(name))
      } catch (thrown) {
        problems.push(`${name}: ${(thrown as Error).message}`)
        return {}
      }
    }
    const env = pairs('GITHUB_ENV')
    for (const name of Object.keys(env)) {
      if (/^(GITHUB_|RUNNER_|NODE_OPTIONS$)/i.test(name)) problems.push(`GITHUB_ENV: ${name} may not be set`)
    }
    for (const { name } of log.commands)
      if (removedCommands.has(name)) problems.push(`The command ${name} is no longer supported`)
    const summary = read('GITHUB_STEP_SUMMARY')
    if (Buffer.byteLength(summary) > largestSummary) problems.push('GITHUB_STEP_SUMMARY: more than 1024k')
    return {
      exitCode,
      log: log.visible(),
      raw: log.raw(),
      commands: log.commands,
      outputs: pairs('GITHUB_OUTPUT'),
      state: pairs('GITHUB_STATE'),
      summary,
      env,
      path: read('GITHUB_PATH')
        .split('\n')
        .filter((line) => line !== ''),
      problems,
      durationMs,
      leaksOf: log.leaksOf,
    }
  }
  const done = finish()
  // Callers that only read the log, or cancel, need not handle the rejection.
  done.catch(() => {})

  const kill = async (): Promise<StepResult> => {
    if (child.pid !== undefined) await killAll(await treeOf(child.pid))
    return done
  }
  return {
    done,
    kill,
    async cancel() {
      child.kill('SIGINT')
      if (await within(7500, ended)) return done
      child.kill('SIGTERM')
      return (await within(2500, ended)) ? done : kill()
    },
    async seen(pattern) {
      if (
        log
          .raw()
          .split('\n')
          .some((line) => pattern.test(line))
      )
        return
      let watch: (line: string) => void = () => {}
      const found = new Promise<true>((resolve) => {
        watch = (line) => pattern.test(line) && resolve(true)
        watchers.add(watch)
      })
      const result = await Promise.race([found, done])
      watchers.delete(watch)
      if (result !== true) throw new Error(`The step ended without a line like ${pattern}:\n${result.log}`)
    },
  }
}

/** True if the promise was settled in time, even if it rejected. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const inTime = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    late,
  ])
  clearTimeout(timer)
  return inTime
}

/** Commands that were replaced by files and that the runner now ignores or refuses. */
const removedCommands = new Set(['set-output', 'save-state', 'set-env', 'add-path'])

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
}
