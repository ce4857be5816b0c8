import { type ChildProcess, spawn } from 'node:child_process'
import { fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchPath } from './command.ts'

/** A program that ends when it is released, and at the latest when this process ends, however it ends. */
export interface Watchdog {
  /** Resolves when the program is gone. */
  release(): Promise<void>
  /** Undefined while it runs. */
  exitCode(): number | undefined
  /** The end of what it said, for the case that something goes wrong. */
  lastWords(): string
  /** Waits for a line near the begin of what it says; undefined where it ends, or 20 seconds pass, without one. */
  announced(line: RegExp): Promise<RegExpExecArray | undefined>
}

/** The script that holds a program: `sh watchdog.sh FOLDER PROGRAM ARGUMENTS`. */
export const watchdogScript = new URL('watchdog.sh', import.meta.url).pathname

/** Starts a script that ends at the end of its standard input. */
export function startWatched(command: string, args: readonly string[]): Watchdog {
  const output = openNameless()
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, PATH: searchPath(process.env.PATH) },
    // Not pipes: if this process is killed, the program must be able to go on speaking while it ends in order.
    stdio: ['pipe', output, output],
  })
  let code: number | undefined
  const ended = new Promise<void>((resolve) => {
    const finish = (result: number) => {
      code = result
      resolve()
    }
    child.once('exit', (exitCode) => finish(exitCode ?? 1))
    child.once('error', () => finish(127))
  })
  child.stdin?.on('error', () => {})
  return {
    exitCode: () => code,
    lastWords: () => readEnd(output).trim().split('\n').slice(-2).join(' | '),
    announced: async (line) => {
      for (const end = Date.now() + 20_000; ; await sleep(50)) {
        // Before the look, so that all that it said is looked at.
        const over = code !== undefined || Date.now() > end
        const match = line.exec(readStart(output))
        if (match || over) return match ?? undefined
      }
    },
    release: async () => {
      child.stdin?.end()
      await ended
    },
  }
}

/** A file without a name: it is gone with the last process that has it open. */
function openNameless(): number {
  const file = join(tmpdir(), `aicleaner-test-log-${process.pid}-${process.hrtime.bigint()}`)
  const descriptor = openSync(file, 'wx+', 0o600)
  unlinkSync(file)
  return descriptor
}

function readStart(descriptor: number): string {
  const buffer = Buffer.alloc(16_384)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0)).toString()
}

function readEnd(descriptor: number): string {
  const { size } = fstatSync(descriptor)
  const buffer = Buffer.alloc(Math.min(size, 4096))
  readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString()
}
