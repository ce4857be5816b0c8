import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './fault-job.ts'

/** Holds a job at the moment in which it is about to call a program, so that something can happen just then. */
export interface Gate {
  /** For the job. */
  readonly environment: Readonly<Record<string, string>>
  /** Resolves when the call has come, and waits. */
  arrived(): Promise<void>
  /** The call is made, by the real program. */
  open(): Promise<void>
  remove(): Promise<void>
}

/**
 * @param call the first one that fits waits: a program, and a pattern of the shell for all of its arguments: `docker image inspect *`. A plugin of docker
 * is called by its own name: `docker-buildx version`.
 */
export async function gate(call: string): Promise<Gate> {
  const [program = '', ...rest] = call.split(' ')
  const isPlugin = program.startsWith('docker-')
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-gate-'))
  const place = isPlugin ? join(folder, 'cli-plugins') : folder
  await mkdir(place, { recursive: true })
  const real = isPlugin ? pluginFile(program) : execFileSync('sh', ['-c', `command -v ${program}`], text).trim()
  const script = `#!/bin/sh
case "$*" in ${rest.join('\\ ')})
  if mkdir '${folder}/arrived' 2>/dev/null; then
    while [ -d '${folder}' ] && [ ! -e '${folder}/open' ]; do sleep 0.1; done
  fi ;;
esac
exec '${real}' "$@"
`
  await writeFile(join(place, program), script, { mode: 0o755 })
  return {
    environment: isPlugin ? { DOCKER_CONFIG: folder } : { PATH: `${folder}:${process.env.PATH}` },
    arrived: () => until(() => existsSync(join(folder, 'arrived'))),
    open: () => writeFile(join(folder, 'open'), ''),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const text = { encoding: 'utf8' } as const

/** The file of a plugin of docker: `docker-buildx`. */
export function pluginFile(program: string): string {
  const format = `{{range .ClientInfo.Plugins}}{{if eq .Name "${program.slice('docker-'.length)}"}}{{.Path}}{{end}}{{end}}`
  return execFileSync('docker', ['info', '--format', format], text).trim()
}
