import { type ChildProcess, spawn } from 'node:child_process'
import { fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchPath } from './command.ts'

/** A program that is stopped by `release`, or when this process exits, even if it is killed. */
export interface Watchdog {
  /** Stops the program; resolves when it has exited. */
  release(): Promise<void>
  /** Undefined while it runs. */
  exitCode(): number | undefined
  /** The last two lines of its output, for error messages. */
  lastOutput(): string
  /** Waits for a match in the first 16 KiB of its output; undefined if it exits, or 20 seconds pass, without a match. */
  announced(line: RegExp): Promise<RegExpExecArray | undefined>
}

/** The script that supervises a program: `sh watchdog.sh FOLDER PROGRAM ARGUMENTS`. */
export const watchdogScript = new URL('watchdog.sh', import.meta.url).pathname

/** Starts a script that exits when its standard input is closed. */
export function startWatched(command: string, args: readonly string[]): Watchdog {
  const output = openUnlinkedFile()
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, PATH: searchPath(process.env.PATH) },
    // Not pipes: if this process is killed, the program must still be able to write output during its shutdown.
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
    lastOutput: () => readEnd(output).trim().split('\n').slice(-2).join(' | '),
    announced: async (line) => {
      for (const end = Date.now() + 20_000; ; await sleep(50)) {
        // Checked before reading, so that the complete output is read.
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

/** Opens a file and unlinks it: it is removed when the last process closes it. */
function openUnlinkedFile(): number {
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
