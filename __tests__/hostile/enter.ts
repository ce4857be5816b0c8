import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Diagnostic } from '../../src/core/diagnostics.ts'
import type { Log, Processes } from '../../src/core/host.ts'
import { runAction } from '../../src/pipeline/run-action.ts'
import { actionsLog } from '../../src/platform/log/actions.ts'
import { openHost } from '../../src/platform/open-host.ts'
import { inputVariables, readActionFile } from '../fakes/runner/action-file.ts'
import { contextOf, contextVariables } from '../fakes/runner/context.ts'
import { Checkout, canary, type HostileCase, type HostileEvent } from './checkout.ts'

/** What came of one checkout. */
export interface Observation {
  readonly workspace: string
  readonly exitCode: number
  /** Standard output, as the runner reads it. */
  readonly printed: string
  readonly reported: readonly Diagnostic[]
  /** How often a group was opened or closed. */
  readonly folds: number
  readonly outputs: ReadonlyMap<string, string>
  readonly summary: string
  /** What was left in the runner's temporary folder, by name. */
  readonly written: ReadonlyMap<string, string>
  /** Programs that were started, each with its arguments. */
  readonly started: readonly (readonly string[])[]
  /** What there is outside of the checkout that was not there before, or is gone. */
  readonly touched: readonly string[]
}

const action = await readActionFile(join(import.meta.dirname, '../..'))
const run = contextOf({ name: 'push' })
const contexts = { github: { token: '' } }

/** One checkout through the entry of the action, with real files, real git and the inputs as a runner hands them over. */
export async function enter(one: HostileCase): Promise<Observation> {
  const home = mkdtempSync(join(tmpdir(), 'aicleaner-hostile-'))
  const place = layOut(home)
  try {
    one.write(new Checkout(place.workspace))
    const environment = environmentOf(one, place)
    const before = outsideOf(home)
    const noted = noteLog(actionsLog())
    const host = openHost(environment, noted.log, new EventEmitter())
    const started: (readonly string[])[] = []
    const outputs = new Map<string, string>()
    let summary = ''
    const { value, printed } = await capture(() =>
      runAction({
        text: (name) => (environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim(),
        host: { ...host, processes: noteProcesses(host.processes, started) },
        outputs: {
          output: (name, text) => void outputs.set(name, text),
          summary: async (text) => {
            summary += text
          },
        },
      }),
    )
    return {
      workspace: place.workspace,
      exitCode: value.exitCode,
      printed,
      reported: noted.reported,
      folds: noted.folds(),
      outputs,
      summary,
      written: filesBelow(place.temporary),
      started,
      touched: differenceOf(before, outsideOf(home)),
    }
  } finally {
    removeLater(home)
  }
}

/** Removes a folder; not waited for, because it takes longer than a run. */
export const removeLater = (folder: string): void => void removals.push(rm(folder, { recursive: true, force: true }))

const removals: Promise<void>[] = []

/** Resolves when the folders of all checkouts so far are gone. */
export const removed = (): Promise<unknown> => Promise.all(removals.splice(0))

interface Place {
  readonly workspace: string
  readonly temporary: string
  readonly event: string
}

/** A checkout beside things that it must not reach: a file, and an add-on, each with the canary in it. */
export function layOut(home: string): Place {
  const place = { workspace: join(home, 'work'), temporary: join(home, 'temp'), event: join(home, 'event.json') }
  for (const folder of [place.workspace, place.temporary, join(home, 'outside')]) mkdirSync(folder)
  writeFileSync(join(home, 'canary.txt'), canary)
  writeFileSync(
    join(home, 'outside/config.yaml'),
    `name: ${canary}\nversion: "1"\nslug: ${canary}\ndescription: ${canary}\narch: [amd64]\n`,
  )
  writeFileSync(join(home, 'outside/Dockerfile'), `FROM registry.example/${canary}:1\n`)
  return place
}

const saysTime = (event: HostileEvent | undefined): boolean =>
  /"(timestamp|created_at)":/.test(JSON.stringify(event?.payload ?? {}))

function environmentOf({ family, inputs, event }: HostileCase, place: Place): Readonly<Record<string, string>> {
  writeFileSync(place.event, JSON.stringify(event?.payload ?? {}))
  return {
    PATH: process.env.PATH ?? '',
    HOME: place.temporary,
    ...contextVariables(run, event?.name ?? 'push'),
    ...(event?.ref !== undefined && { GITHUB_REF: event.ref }),
    GITHUB_EVENT_PATH: place.event,
    GITHUB_WORKSPACE: place.workspace,
    RUNNER_TEMP: place.temporary,
    // Git is asked where there is a repository, and where the event says the time: to start it takes longer than all the rest.
    ...(family !== 'git' && !saysTime(event) && { SOURCE_DATE_EPOCH: '1700000000' }),
    ...inputVariables(action, { mode: 'plan', ...inputs }, contexts),
    ...event?.environment,
  }
}

/** A log that counts what it is asked for, so that a command nobody asked for shows. */
function noteLog(log: Log) {
  const reported: Diagnostic[] = []
  let folds = 0
  const noting: Log = {
    ...log,
    report(diagnostic) {
      reported.push(diagnostic)
      log.report(diagnostic)
    },
    group(title) {
      folds += 1
      log.group(title)
    },
    endGroup() {
      folds += 1
      log.endGroup()
    },
  }
  return { log: noting, reported, folds: () => folds }
}

export function noteProcesses(processes: Processes, started: (readonly string[])[]): Processes {
  return {
    exec(command, args, options) {
      started.push([command, ...args])
      return processes.exec(command, args, options)
    },
    spawn(command, args, options) {
      started.push([command, ...args])
      return processes.spawn(command, args, options)
    },
  }
}

/** Everything that is written to standard output and standard error meanwhile. */
export async function capture<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly printed: string }> {
  const parts: string[] = []
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))
  for (const { stream, write } of streams) {
    stream.write = ((chunk: string | Uint8Array) => {
      parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
      return true
    }) as typeof write
  }
  try {
    return { value: await work(), printed: parts.join('') }
  } finally {
    for (const { stream, write } of streams) stream.write = write
  }
}

/** Names and contents of the files beside the checkout, but for the runner's temporary folder. */
export function outsideOf(home: string): ReadonlyMap<string, string> {
  const beside = readdirSync(home, { withFileTypes: true }).filter(({ name }) => name !== 'work' && name !== 'temp')
  return new Map(
    beside.flatMap((entry): readonly (readonly [string, string])[] =>
      entry.isDirectory()
        ? [[entry.name, ''], ...filesBelow(join(home, entry.name))]
        : [[entry.name, readFileSync(join(home, entry.name), 'utf8')]],
    ),
  )
}

function filesBelow(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
  )
}

export const differenceOf = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
