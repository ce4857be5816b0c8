import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Architecture, ociPlatformOf } from '../../addon/architecture.ts'
import { docker } from '../../docker/containers.ts'
import type { Host } from '../../host.ts'
import { type Program, readProgram } from '../elf.ts'
import { type Gates, judged, skipped } from '../gates.ts'
import type { ImageFacts } from '../image.ts'
import type { Check } from '../result.ts'

/** Pure: why the config of an image does not say what it should; undefined when it does. A variant that is not given says nothing. */
export function configMismatch(image: ImageFacts, architecture: Architecture): string | undefined {
  const wanted = ociPlatformOf(architecture)
  const found = [image.os, image.architecture, image.variant].filter(Boolean).join('/')
  // arm64 is always v8, and often says so.
  const variant = image.architecture === 'arm' && image.variant !== undefined && image.variant !== wanted.variant
  if (image.os === 'linux' && image.architecture === wanted.architecture && !variant) return undefined
  const name = ['linux', wanted.architecture, wanted.variant].filter(Boolean).join('/')
  return `the image says it is for ${found}, and has to be for ${name}`
}

/** What a machine of an architecture runs by itself, besides its own. */
const kin: Readonly<Record<string, readonly string[]>> = { amd64: ['386'], arm64: ['arm'] }

export const mayRun = (machine: string, architecture: Architecture): boolean => {
  const own = ociPlatformOf(architecture).architecture
  return machine === own || (kin[own]?.includes(machine) ?? false)
}

/** Says of config and of the program that the entrypoint is, through the interpreters of scripts, whether they are for the architecture. */
export async function checkArchitecture(
  id: string,
  image: ImageFacts,
  architecture: Architecture,
  gates: Gates,
  host: Host,
): Promise<Check> {
  const mismatch = configMismatch(image, architecture)
  if (mismatch) return judged('architecture', false, mismatch, gates)
  const word = image.entrypoint[0] ?? image.command[0]
  if (!word) return judged('architecture', false, 'the image has neither ENTRYPOINT nor CMD', gates)
  const found = await resolveProgram(word, image, (path) => fetchProgram(id, path, host))
  if (!found) return skipped('architecture', `the config is right; ${word} could not be looked at`)
  const { machine, path } = found
  return judged(
    'architecture',
    mayRun(machine, architecture),
    mayRun(machine, architecture)
      ? `config and ${path} are for ${machine}`
      : `${path} is for ${machine}, not for ${architecture}`,
    gates,
  )
}

const deepest = 5

/** Follows `#!` lines, and names without a path through PATH, to a program of a machine. */
export async function resolveProgram(
  word: string,
  image: Pick<ImageFacts, 'environment' | 'workingFolder'>,
  read: (path: string) => Promise<Program | undefined>,
): Promise<{ readonly path: string; readonly machine: string } | undefined> {
  let current = word
  for (let depth = 0; depth < deepest; depth += 1) {
    const found = await firstOf(candidates(current, image), read)
    if (!found || found.program.kind === 'unknown') return undefined
    if (found.program.kind === 'elf') return { path: found.path, machine: found.program.machine }
    current = found.program.interpreter
  }
  return undefined
}

function candidates(
  word: string,
  { environment, workingFolder }: Pick<ImageFacts, 'environment' | 'workingFolder'>,
): readonly string[] {
  if (word.startsWith('/')) return [word]
  if (word.includes('/')) return [join(workingFolder, word)]
  const path = environment.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return path
    .split(':')
    .filter(Boolean)
    .map((folder) => join(folder, word))
}

async function firstOf(paths: readonly string[], read: (path: string) => Promise<Program | undefined>) {
  for (const path of paths) {
    const program = await read(path)
    if (program) return { path, program }
  }
  return undefined
}

let copies = 0

async function fetchProgram(id: string, path: string, { processes, temporary }: Host): Promise<Program | undefined> {
  copies += 1
  const copy = join(temporary, `entrypoint-${id.slice(0, 12)}-${copies}`)
  try {
    // -L: /bin/sh is a link nearly everywhere.
    const { exitCode } = await docker(processes, ['cp', '-L', `${id}:${path}`, copy])
    return exitCode === 0 ? await readProgram(copy) : undefined
  } catch {
    return undefined
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}
