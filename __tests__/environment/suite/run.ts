import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, nothing, type Outcome, oneFailed, onePassed, readJestResult } from './counts.ts'

const sequencer = new URL('as-given.mjs', import.meta.url).pathname

/** Runs a program of the project; resolves with its exit code. SIGTERM is forwarded to it. `onOutput`: receives its output; by default it is inherited. */
function start(
  root: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  onOutput?: (output: Buffer) => void,
): Promise<number> {
  const output = onOutput ? 'pipe' : 'inherit'
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
    })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => onOutput?.(chunk))
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    process.once('SIGTERM', forward)
    child.once('error', () => resolve(127))
    child.once('close', (code) => {
      process.off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}

/** A check that counts as one test: it passes if the Node script exits with 0. Its output is shown when it has exited, because checks run in parallel. */
export async function check(root: string, name: string, script: string, args: readonly string[]): Promise<Counts> {
  if (!existsSync(join(root, script))) {
    console.log(`\n── ${name}\n✗ ${name}: ${script} is missing`)
    return oneFailed
  }
  const chunks: Buffer[] = []
  const code = await start(root, [script, ...args], {}, (output) => chunks.push(output))
  const end = code === 0 ? `✓ ${name}` : `✗ ${name}: exit code ${code}`
  console.log([`\n── ${name}`, Buffer.concat(chunks).toString().trim(), end].filter(Boolean).join('\n'))
  return code === 0 ? onePassed : oneFailed
}

/** Runs test files with jest in the given order. */
export async function jest(
  root: string,
  name: string,
  files: readonly string[],
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  console.log(`\n── ${name}`)
  if (files.length === 0) {
    console.log('no test file matches')
    return { counts: nothing, skipped: [], failed: [] }
  }
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-jest-'))
  try {
    const output = join(folder, 'result.json')
    const code = await start(
      root,
      [
        ...['node_modules/jest/bin/jest.js', '--json', `--outputFile=${output}`, `--testSequencer=${sequencer}`],
        ...[...args, '--runTestsByPath', ...files],
      ],
      environment,
    )
    if (!existsSync(output)) {
      console.log(`✗ ${name}: jest ended with exit code ${code} and wrote no result`)
      return { counts: oneFailed, skipped: [], failed: [] }
    }
    return readJestResult(await readFile(output, 'utf8'), code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
