import { posix } from 'node:path'
import { Writable } from 'node:stream'
import { type Architecture, ociPlatformOf } from '../../core/architecture.ts'
import type { Host } from '../../core/host.ts'
import { headBytes, type Program, programOf } from '../../image/elf.ts'
import { defaultLimits } from '../../image/limits.ts'
import { TarReader } from '../../image/tar/tar.ts'
import type { ImageFacts } from '../container/image.ts'
import { type Gates, judged, skipped } from '../gates.ts'
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
  const found = await resolveProgram(word, image, (path) => readHead(id, path, host))
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
/** Folders of PATH that are looked through: each is a question to the engine, and an image can name any number. */
const mostFolders = 32

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
  if (word.includes('/')) return [posix.join(workingFolder, word)]
  const path = environment.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return path
    .split(':')
    .filter(Boolean)
    .slice(0, mostFolders)
    .map((folder) => posix.join(folder, word))
}

async function firstOf(paths: readonly string[], read: (path: string) => Promise<Program | undefined>) {
  for (const path of paths) {
    const program = await read(path)
    if (program) return { path, program }
  }
  return undefined
}

/**
 * The head of a program in a container. The file comes as a tar stream and never touches this machine's file system: an image can hold a
 * named pipe, a device or a folder of any size under the name of its entrypoint. Undefined for everything that is not a regular file.
 */
async function readHead(id: string, path: string, { processes }: Host): Promise<Program | undefined> {
  const head: Buffer[] = []
  let missing = headBytes
  let entries = 0
  let isFile = false
  const enough = new AbortController()
  const reader = new TarReader(
    {
      entry({ kind }) {
        entries += 1
        isFile = entries === 1 && kind === 'file'
        if (!isFile) enough.abort()
      },
      data(chunk) {
        if (!isFile) return
        head.push(Buffer.from(chunk.subarray(0, missing)))
        missing -= head.at(-1)?.length ?? 0
        if (missing <= 0) enough.abort()
      },
      end() {},
    },
    defaultLimits,
  )
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!enough.signal.aborted) {
        try {
          reader.write(chunk)
        } catch {
          enough.abort()
        }
      }
      done()
    },
  })
  try {
    // -L: /bin/sh is a link nearly everywhere. The engine resolves links inside of the container.
    const args = ['cp', '-L', `${id}:${path}`, '-']
    await processes.spawn('docker', args, { output, signal: enough.signal, graceMs: 500 })
    return head.length > 0 ? programOf(Buffer.concat(head)) : undefined
  } catch {
    return undefined
  }
}
