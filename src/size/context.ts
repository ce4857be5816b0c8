import { lstat, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import dockerignore from '@balena/dockerignore'
import { error, Failure, messageOf } from '../diagnostics.ts'
import type { FileEntry } from '../image/measure.ts'
import type { Amount, ContextMeasure } from './context-measure.ts'
import { suggestExclusions } from './exclusions.ts'

const mostEntries = 500_000
const mostFiles = 20

/**
 * Measures a build context. BuildKit asks only for the files that the Dockerfile copies, so this is the most that it can be sent.
 * @param folder Absolute path of the context.
 * @param dockerfile Absolute path; `NAME.dockerignore` beside it wins over `.dockerignore` of the context.
 * @param copied Sources of COPY and ADD: what is copied by name is not suggested for exclusion.
 */
export async function measureContext(
  folder: string,
  dockerfile: string,
  copied: readonly string[] = [],
  signal?: AbortSignal,
): Promise<ContextMeasure> {
  const rules = await readIgnoreRules(folder, dockerfile)
  const files: FileEntry[] = []
  const sent: FileEntry[] = []
  await walk(folder, '', (file) => {
    signal?.throwIfAborted()
    if (files.length >= mostEntries) throw tooLarge(folder)
    files.push(file)
    if (!rules?.ignores(file.path)) sent.push(file)
  })
  return {
    before: amount(files),
    after: amount(sent),
    ...(rules && { ignoreFile: rules.name }),
    exclude: suggestExclusions(sent, copied),
    largestFiles: sent.toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)).slice(0, mostFiles),
  }
}

export interface IgnoreRules {
  readonly name: string
  ignores(path: string): boolean
}

/** The ignore file that BuildKit takes for this Dockerfile; undefined: there is none. Absolute paths. */
export async function readIgnoreRules(folder: string, dockerfile: string): Promise<IgnoreRules | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, join(folder, '.dockerignore')]) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const matcher = dockerignore.default({ ignorecase: false }).add(text)
    return { name: basename(path), ignores: (file) => matcher.ignores(file) }
  }
  return undefined
}

async function walk(root: string, path: string, found: (file: FileEntry) => void): Promise<void> {
  for (const entry of await readdir(join(root, path), { withFileTypes: true }).catch(unreadable(root))) {
    const inside = path ? `${path}/${entry.name}` : entry.name
    if (entry.isDirectory()) await walk(root, inside, found)
    else if (entry.isFile()) {
      const info = await lstat(join(root, inside)).catch(() => undefined)
      // A file may go while we look.
      if (info) found({ path: inside, bytes: info.size })
    }
  }
}

const amount = (files: readonly FileEntry[]): Amount => ({
  files: files.length,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
})

const unreadable = (folder: string) => (thrown: unknown) => {
  throw new Failure(
    'input',
    [
      error(
        'context/unreadable',
        `The build context cannot be read: ${messageOf(thrown)}.`,
        'Look at the rights of its folders.',
      ),
    ],
    { folder, thrown },
  )
}

const tooLarge = (folder: string): Failure =>
  new Failure('input', [
    error(
      'context/too-many-files',
      `The build context ${basename(folder)} has more than ${mostEntries} files.`,
      'Build from a smaller folder.',
    ),
  ])
