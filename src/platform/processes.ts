import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { pipeline, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { error, Failure, messageOf } from '../core/diagnostics.ts'
import type { ExecOptions, Processes, ProcessResult, SpawnOptions } from '../core/host.ts'
import { childEnvironment } from './child-environment.ts'

type Environment = Readonly<Record<string, string | undefined>>

const execTimeoutMs = 60_000
const graceMs = 10_000
/** Milliseconds that the kernel may take to end a process. */
const killMs = 2000
const pollMs = 20
/** Maximum bytes of each stream. Outputs are short, but a container or a registry can make a program print more. */
const longestOutput = 32 * 1024 * 1024
// Bytes. A line of the machine-readable build log may contain the whole Dockerfile.
const longestLine = 4 * 1024 * 1024

/**
 * The real processes of this machine: an argument array, never a shell, and the variables that `childEnvironment` lists for the program.
 * Does not use @actions/exec, which cannot end a process, crashes if a program does not read its input, and searches the PATH of this process.
 */
export function createProcesses(environment: Environment): Processes {
  return {
    exec: (command, args, options = {}) => exec(command, args, options, environment),
    spawn: (command, args, options = {}) => spawnProcess(command, args, options, environment),
  }
}

/** The same processes, with more variables of the host for each, by name. */
export const passing = ({ exec, spawn }: Processes, names: readonly string[]): Processes => ({
  exec: (command, args, options = {}) => exec(command, args, { ...options, pass: [...(options.pass ?? []), ...names] }),
  spawn: (command, args, options = {}) =>
    spawn(command, args, { ...options, pass: [...(options.pass ?? []), ...names] }),
})

/** Starts a program with its environment and streams. @param detached it leads a process group, to be ended with what it starts. */
function start(
  command: string,
  args: readonly string[],
  options: ExecOptions | SpawnOptions,
  environment: Environment,
  detached: boolean,
): ChildProcess {
  const child = spawn(command, args, {
    env: { ...childEnvironment(command, args, environment, options.pass), ...options.environment },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached,
  })
  // If a program ends before it has read its whole input, its exit code tells why.
  child.stdin?.on('error', () => {})
  return child
}

function exec(
  command: string,
  args: readonly string[],
  options: ExecOptions,
  environment: Environment,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options, environment, true)
    child.stdin?.end(options.input)
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    const timeoutMs = options.timeoutMs ?? execTimeoutMs
    let late = false
    const timer = setTimeout(() => {
      late = true
      void endGroup(child, options.graceMs ?? graceMs).then(() => reject(noAnswer(command, args, timeoutMs)))
    }, timeoutMs)
    child.on('error', (thrown) => {
      clearTimeout(timer)
      reject(notStarted(command, thrown))
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (!late) resolve({ exitCode: exitCodeOf(code, signal), stdout: stdout(), stderr: stderr() })
    })
  })
}

/**
 * Ends a program and its process group: SIGTERM, and SIGKILL after `graceMs`. Resolves when all have ended.
 * Does not wait for a process that the kernel cannot end, or that has left the group.
 */
async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  child.unref()
  for (const [signal, ms] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', killMs],
  ] as const) {
    let alive = signalGroup(child, signal)
    for (let waited = 0; alive && waited < ms; waited += pollMs) {
      await sleep(pollMs)
      alive = signalGroup(child, 0)
    }
    if (!alive) return
  }
}

/** @returns whether the group has processes; signal 0 only checks. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** The text of a stream, up to `longestOutput`. */
function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, longestOutput - length)
    if (kept.length > 0) chunks.push(kept)
    length += kept.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** 128 + signal if a signal ended it, as in a shell. */
const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal ? constants.signals[signal] : 0)

function spawnProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  environment: Environment,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options, environment, false)
    if (child.stdin) options.input?.pipe(child.stdin)
    let killer: NodeJS.Timeout | undefined
    const end = () => {
      child.kill('SIGTERM')
      killer = setTimeout(() => {
        child.kill('SIGKILL')
        // Processes that the program has started may keep the streams open.
        for (const stream of [child.stdout, child.stderr]) stream?.destroy()
      }, options.graceMs ?? graceMs)
    }
    if (options.signal?.aborted) end()
    else options.signal?.addEventListener('abort', end, { once: true })
    const done = () => {
      clearTimeout(killer)
      options.signal?.removeEventListener('abort', end)
    }
    if (options.output && child.stdout)
      pipeline(child.stdout, options.output, (broken) => broken && child.kill('SIGTERM'))
    else readLines(child.stdout, (line) => options.onLine?.(line, 'stdout'))
    readLines(child.stderr, (line) => options.onLine?.(line, 'stderr'))
    child.on('error', (thrown) => {
      done()
      reject(notStarted(command, thrown))
    })
    child.on('close', (code, signal) => {
      done()
      resolve(exitCodeOf(code, signal))
    })
  })
}

/** Calls back for each line. Reads each byte once, and keeps only the unfinished rest of a line, which is cut at 4 MiB. */
export function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  const keep = (part: string): void => {
    parts.push(part)
    length += part.length
  }
  const take = (): string => {
    const whole = parts.join('')
    parts = []
    length = 0
    return whole
  }
  stream?.on('data', (chunk: Buffer) => {
    const lines = decoder.write(chunk).split('\n')
    const rest = lines.pop() ?? ''
    for (const line of lines) {
      keep(line)
      onLine(take().replace(/\r$/, ''))
    }
    if (rest) keep(rest)
    while (length > longestLine) {
      const whole = take()
      onLine(whole.slice(0, longestLine))
      keep(whole.slice(longestLine))
    }
  })
  stream?.on('end', () => {
    keep(decoder.end())
    const rest = take()
    if (rest) onLine(rest.replace(/\r$/, ''))
  })
}

const notStarted = (command: string, thrown: unknown): Failure =>
  new Failure(
    'environment',
    [error('environment/no-program', `"${command}" could not be started: ${messageOf(thrown)}.`, remedyFor(command))],
    thrown,
  )

const noAnswer = (command: string, args: readonly string[], timeoutMs: number): Failure =>
  new Failure('environment', [
    error(
      'environment/no-answer',
      `"${[command, ...args.slice(0, 2)].join(' ')}" did not finish within ${timeoutMs / 1000} s.`,
      isDocker(command)
        ? 'Check that the Docker daemon responds: run "docker info".'
        : `Run the job again. If it happens again, check whether "${command}" can reach the network.`,
    ),
  ])

/** Docker, or its buildx plugin that was found at a path. */
const isDocker = (command: string): boolean => /(?:^|\/)docker(?:-buildx)?$/.test(command)

const remedyFor = (command: string): string =>
  isDocker(command)
    ? 'Install Docker Engine 23 or newer with buildx, or run on a machine that has it (GitHub: ubuntu-24.04).'
    : `Install "${command}", or add it to PATH.`
