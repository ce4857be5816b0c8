import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readActionFile } from '../fakes/runner/action-file.ts'
import { processesWith, signal } from '../fakes/runner/process-tree.ts'

const action = process.env.AICLEANER_ACTION ?? resolve(import.meta.dirname, '../..')
const mark = randomUUID()
let folder: string

// A minute takes half a second: each command is given up after as many as it would be on a runner.
const quickly = `
  import timers from 'node:timers/promises'
  import { syncBuiltinESMExports } from 'node:module'
  const { setTimeout: start } = globalThis
  globalThis.setTimeout = (work, ms, ...more) => start(work, ms / 120, ...more)
  const { setTimeout: sleep } = timers
  timers.setTimeout = (ms, ...more) => sleep(ms / 120, ...more)
  syncBuiltinESMExports()
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aicleaner-post-'))
  await mkdir(join(folder, 'run'))
  await writeFile(join(folder, 'run', 'rest'), '')
  const program =
    '#!/bin/sh\necho "$*" >> "$HOME/asked"\ntrap "" TERM\nsh -c \'while :; do sleep 1000; done\' &\nwait\n'
  await writeFile(join(folder, 'docker'), program)
  await chmod(join(folder, 'docker'), 0o755)
})
afterEach(async () => {
  // Where the test has failed this ends what it waits for, too.
  for (const { pid } of await processesWith(`RUNNER_TRACKING_ID=${mark}`)) signal(pid, 'SIGKILL')
  await rm(folder, { recursive: true })
})

test.each([
  ['at its socket', () => `unix://${folder}/none.sock`],
  ['with an address for docker only', () => 'tcp://127.0.0.1:1'],
])(
  'the post step of a killed run ends if the engine (%s) does not respond, and reports what is left',
  async (_, address) => {
    const script = join(action, (await readActionFile(action)).post ?? '')
    const step = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(quickly)}`, script], {
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        HOME: folder,
        DOCKER_HOST: address(),
        RUNNER_TRACKING_ID: mark,
        STATE_runId: '0123456789ab',
        STATE_temporary: join(folder, 'run'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [log, [exitCode]] = await Promise.all([text(step.stdout), once(step, 'exit')])
    expect(exitCode).toBe(0)
    // The kernel ends a moment later what it was told to end.
    while ((await processesWith(`RUNNER_TRACKING_ID=${mark}`)).length > 0) await pause(20)
    for (const part of ['containers, networks and volumes', 'images', 'builder']) {
      expect(log).toMatch(new RegExp(`^::warning .*::Not removed: ${part}: .*did not finish within 60 s`, 'm'))
    }
    // What needs no docker is done all the same, and nothing is asked a second time.
    await expect(readFile(join(folder, 'run', 'rest'))).rejects.toThrow('ENOENT')
    const asked = (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n')
    expect(asked.map((line) => line.split(' ').slice(0, 2).join(' ')).sort()).toEqual([
      'buildx rm',
      'image ls',
      'ps --all',
    ])
  },
)
