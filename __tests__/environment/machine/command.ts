import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

export interface ProcessResult {
  /** 127 if the program was not found, 128 + 15 if a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly folder?: string
  /** Standard output is written to this file; `stdout` of the result is then empty. */
  readonly stdoutFile?: string
  readonly signal?: AbortSignal
}

/** Folders of administration tools, which are not in every user's PATH. */
const administration = ['/usr/local/sbin', '/usr/sbin', '/sbin']

export const searchPath = (path = ''): string => {
  const folders = path.split(':').filter(Boolean)
  return [...folders, ...administration.filter((folder) => !folders.includes(folder))].join(':')
}

/** Runs a program and waits until it exits. Never rejects, neither for an exit code nor for a missing program. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.environment, PATH: searchPath(process.env.PATH) },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(options.folder !== undefined && { cwd: options.folder }),
      ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    const file = options.stdoutFile === undefined ? undefined : createWriteStream(options.stdoutFile)
    if (file) child.stdout?.pipe(file)
    else child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
    const answer = (code: number, problem = '') => {
      const finish = () =>
        resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() + problem })
      if (file && !file.writableFinished) file.once('finish', finish).once('error', finish)
      else finish()
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      file?.end()
      answer(error.code === 'ENOENT' ? 127 : 126, error.message)
    })
    child.once('close', (code, signal) => answer(code ?? (signal === null ? 1 : 128 + 15)))
  })
}

/** Like `run`, but rejects with the last lines of output if the exit code is not 0. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const answer = await run(command, args, options)
  if (answer.code === 0) return answer.stdout
  const lastLines = (answer.stderr.trim() || answer.stdout.trim()).split('\n').slice(-3).join(' | ')
  throw new Error(`${commandName([command, ...args])} ended with exit code ${answer.code}: ${lastLines}`)
}

/** Short name of a command line for messages: its first words, without wrappers such as `sudo` and `env`. Pure. */
export const commandName = (words: readonly string[]): string =>
  words
    .filter((word, index) => !(index < 20 && /^(sudo|env|nice|-n\d*|[A-Z_]+=.*)$/.test(word)))
    .slice(0, 3)
    .join(' ')

export const isThere = async (command: string): Promise<boolean> =>
  (await run('sh', ['-c', 'command -v -- "$0"', command])).code === 0
