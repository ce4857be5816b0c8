import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pluginFile } from '../faults/gate.ts'

/** A child process of a job: the program, its arguments and its whole environment. */
export interface NotedChild {
  readonly program: string
  readonly args: string
  readonly environment: Readonly<Record<string, string>>
}

/** Programs that write down with what they were started, and become the real ones. */
export interface NotedEnvironments {
  /** For the job. */
  readonly environment: { readonly PATH: string; readonly DOCKER_CONFIG: string }
  children(): Promise<readonly NotedChild[]>
}

/** What a shell sets itself. */
const ofShell = new Set(['PWD', 'OLDPWD', 'SHLVL', '_'])

/** @param folder of its own. */
export async function noteEnvironments(folder: string): Promise<NotedEnvironments> {
  const notes = join(folder, 'notes')
  const programs = join(folder, 'bin')
  const plugins = join(folder, 'docker', 'cli-plugins')
  for (const one of [notes, programs, plugins]) await mkdir(one, { recursive: true })
  const note = async (file: string, real: string): Promise<void> => {
    const script = [
      '#!/bin/sh',
      `file=$(mktemp '${notes}/XXXXXXXX')`,
      `{ printf '${basename(file)}\\0%s\\0' "$*"; env -u file -0; } > "$file"`,
      `exec '${real}' "$@"`,
    ]
    await writeFile(file, `${script.join('\n')}\n`, { mode: 0o755 })
  }
  for (const name of ['docker', 'git']) {
    await note(join(programs, name), execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim())
  }
  await note(join(plugins, 'docker-buildx'), pluginFile('docker-buildx'))
  return {
    environment: { PATH: `${programs}:${process.env.PATH}`, DOCKER_CONFIG: join(folder, 'docker') },
    async children() {
      const files = await readdir(notes)
      return Promise.all(files.map(async (name) => read(await readFile(join(notes, name), 'utf8'))))
    },
  }
}

function read(text: string): NotedChild {
  const [program = '', args = '', ...variables] = text.split('\0')
  const entries = variables.filter(Boolean).map((one) => {
    const at = one.indexOf('=')
    return [one.slice(0, at), one.slice(at + 1)] as const
  })
  return { program, args, environment: Object.fromEntries(entries.filter(([name]) => !ofShell.has(name))) }
}
