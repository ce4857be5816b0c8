import { posix } from 'node:path'
import { Writable } from 'node:stream'
import { type Architecture, ociPlatformOf, runsPrograms } from '../../core/architecture.ts'
import type { Host } from '../../core/host.ts'
import { headBytes, type Program, programOf } from '../../image/elf.ts'
import { defaultLimits } from '../../image/limits.ts'
import { TarReader } from '../../image/tar/tar.ts'
import type { ImageFacts } from '../container/image.ts'
import { type CheckOutcome, pass, skip, unmet } from '../gates.ts'
import type { ContainerContext, SmokeCheck } from './check.ts'

/** The image config and the program behind the entrypoint are for the architecture of the target. */
export const architecture: SmokeCheck = {
  name: 'architecture',
  defaultGate: 'fail',
  beforeCreate({ image, target }) {
    const mismatch = configMismatch(image, target.architecture)
    return mismatch === undefined ? undefined : unmet(mismatch)
  },
  beforeStart: checkProgram,
}

/** Pure: how the platform in the image config differs from the wanted one; undefined if it matches. A variant may be missing. */
export function configMismatch(image: ImageFacts, wanted: Architecture): string | undefined {
  const platform = ociPlatformOf(wanted)
  const actual = [image.os, image.architecture, image.variant].filter(Boolean).join('/')
  // arm64 is always v8, whether the config says so or not.
  const isOtherVariant =
    image.architecture === 'arm' && image.variant !== undefined && image.variant !== platform.variant
  if (image.os === 'linux' && image.architecture === platform.architecture && !isOtherVariant) return undefined
  const expected = ['linux', platform.architecture, platform.variant].filter(Boolean).join('/')
  return `the image config is for ${actual}, but must be for ${expected}`
}

async function checkProgram({ run, image, target, host }: ContainerContext): Promise<CheckOutcome> {
  const word = image.entrypoint[0] ?? image.command[0]
  if (!word) return unmet('the image has neither ENTRYPOINT nor CMD')
  const program = await resolveProgram(word, image, (path) => readHead(run.observer.id, path, host))
  if (!program) return skip(`the image config is right; ${word} could not be read`)
  const { machine, path } = program
  return runsPrograms(ociPlatformOf(target.architecture).architecture, machine)
    ? pass(`image config and ${path} are for ${machine}`)
    : unmet(`${path} is for ${machine}, not for ${target.architecture}`)
}

const maxInterpreters = 5
/** Maximum folders of PATH that are searched: each costs a request to the engine, and an image can name any number of them. */
const maxPathFolders = 32

/** Follows `#!` lines, and finds names without a path in PATH, up to a binary. Undefined if there is none. */
export async function resolveProgram(
  word: string,
  image: Pick<ImageFacts, 'environment' | 'workingFolder'>,
  read: (path: string) => Promise<Program | undefined>,
): Promise<{ readonly path: string; readonly machine: string } | undefined> {
  let current = word
  for (let depth = 0; depth < maxInterpreters; depth += 1) {
    const found = await firstProgram(candidates(current, image), read)
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
    .slice(0, maxPathFolders)
    .map((folder) => posix.join(folder, word))
}

async function firstProgram(paths: readonly string[], read: (path: string) => Promise<Program | undefined>) {
  for (const path of paths) {
    const program = await read(path)
    if (program) return { path, program }
  }
  return undefined
}

/**
 * Reads the first bytes of a program in a container. The file arrives as a tar stream and is never written to this machine's file system: under
 * the name of its entrypoint an image can have a named pipe, a device or a huge folder. Undefined for everything but regular files.
 */
async function readHead(id: string, path: string, { processes }: Host): Promise<Program | undefined> {
  const head: Buffer[] = []
  let missingBytes = headBytes
  let entries = 0
  let isFile = false
  const done = new AbortController()
  const reader = new TarReader(
    {
      entry({ kind }) {
        entries += 1
        isFile = entries === 1 && kind === 'file'
        if (!isFile) done.abort()
      },
      data(chunk) {
        if (!isFile) return
        head.push(Buffer.from(chunk.subarray(0, missingBytes)))
        missingBytes -= head.at(-1)?.length ?? 0
        if (missingBytes <= 0) done.abort()
      },
      end() {},
    },
    defaultLimits,
  )
  const output = new Writable({
    write(chunk: Buffer, _encoding, next) {
      if (!done.signal.aborted) {
        try {
          reader.write(chunk)
        } catch {
          done.abort()
        }
      }
      next()
    },
  })
  try {
    // -L: /bin/sh usually is a link. The engine resolves links inside the container.
    const args = ['cp', '-L', `${id}:${path}`, '-']
    await processes.spawn('docker', args, { output, signal: done.signal, graceMs: 500 })
    return head.length > 0 ? programOf(Buffer.concat(head)) : undefined
  } catch {
    return undefined
  }
}
