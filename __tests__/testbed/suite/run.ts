import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, nothing, oneFailed, onePassed, readJestResult } from './counts.ts'

/** Runs a program of the project with its output streaming; resolves with its exit code. Ended by `signal`. */
function stream(
  root: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    process.once('SIGTERM', forward)
    child.once('error', () => resolve(127))
    child.once('exit', (code) => {
      process.off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}

/** A check that is one test: passed when the program ends with 0. `script`: of Node. */
export async function check(root: string, name: string, script: string, args: readonly string[]): Promise<Counts> {
  console.log(`\n── ${name}`)
  if (!existsSync(join(root, script))) {
    console.log(`✗ ${name}: ${script} is missing`)
    return oneFailed
  }
  const code = await stream(root, [script, ...args])
  console.log(code === 0 ? `✓ ${name}` : `✗ ${name}: exit code ${code}`)
  return code === 0 ? onePassed : oneFailed
}

/** Runs test files with jest. */
export async function jest(
  root: string,
  name: string,
  files: readonly string[],
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  console.log(`\n── ${name}`)
  if (files.length === 0) {
    console.log('no test file matches')
    return nothing
  }
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-testbed-jest-'))
  try {
    const output = join(folder, 'result.json')
    const code = await stream(
      root,
      [
        ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
        ...['--json', `--outputFile=${output}`, ...args, '--runTestsByPath', ...files],
      ],
      environment,
    )
    if (!existsSync(output)) {
      console.log(`✗ ${name}: jest ended with exit code ${code} and left no result`)
      return oneFailed
    }
    const { counts, skipped } = readJestResult(await readFile(output, 'utf8'), code)
    for (const test of skipped) console.log(`skipped: ${test}`)
    return counts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
