import { lstat, opendir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { error, Failure, messageOf } from '../core/diagnostics.ts'
import type { FileEntry } from '../image/measure.ts'
import { decodeName } from '../image/tar/tar-header.ts'
import { openInside, readUpTo } from '../platform/workspace-path.ts'
import type { ContextMeasure } from './context-measure.ts'
import { collectExclusions } from './exclusions.ts'
import { pathMatcher, readIgnoreFile } from './ignore-patterns.ts'

/** Maximum entries of a context: files, folders and everything else. */
const mostEntries = 500_000
const mostFiles = 20
/** Bytes. Ignore files of add-ons have less than a kilobyte. */
const largestIgnoreFile = 1024 * 1024

/**
 * Measures a build context. BuildKit asks only for the files that the Dockerfile copies, so this is the most that it can be sent.
 * Memory does not grow with the number of files. Throws a Failure (`input`) for what cannot be measured.
 * @param folder Absolute path of the context.
 * @param dockerfile Absolute path; `NAME.dockerignore` beside it wins over `.dockerignore` of the context.
 * @param copied Sources of COPY and ADD: these are never suggested for exclusion.
 * @param workspace Absolute path; an ignore file that is a link may lead to a file in it. Default: the folder that the ignore file is in.
 */
export async function measureContext(
  folder: string,
  dockerfile: string,
  copied: readonly string[] = [],
  signal?: AbortSignal,
  workspace?: string,
): Promise<ContextMeasure> {
  const rules = await readIgnoreRules(folder, dockerfile, workspace)
  const before = { files: 0, bytes: 0 }
  const after = { files: 0, bytes: 0 }
  const exclusions = collectExclusions(copied)
  let largest: FileEntry[] = []
  for await (const file of filesOf(folder, signal)) {
    count(before, file)
    if (rules?.ignores(file.path)) continue
    count(after, file)
    exclusions.add(file)
    largest.push(file)
    if (largest.length >= mostFiles * 20) largest = heaviest(largest)
  }
  return {
    before,
    after,
    ...(rules && { ignoreFile: rules.name }),
    exclude: exclusions.result(),
    largestFiles: heaviest(largest),
  }
}

const count = (amount: { files: number; bytes: number }, { bytes }: FileEntry): void => {
  amount.files++
  amount.bytes += bytes
}

const heaviest = (files: readonly FileEntry[]): FileEntry[] =>
  files.toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)).slice(0, mostFiles)

interface IgnoreRules {
  readonly name: string
  ignores(path: string): boolean
}

/**
 * The ignore file that BuildKit uses for this Dockerfile, if any. Throws a Failure (`input`) if it is too large or no regular file of the workspace.
 * @param most steps of all comparisons; after them, `ignores` throws a Failure (`input`).
 */
export async function readIgnoreRules(
  folder: string,
  dockerfile: string,
  workspace?: string,
  most?: number,
): Promise<IgnoreRules | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, join(folder, '.dockerignore')]) {
    const text = await ignoreText(path, workspace ?? dirname(path))
    if (text === undefined) continue
    const matcher = pathMatcher(readIgnoreFile(text), most)
    return { name: basename(path), ignores: (file) => matcher.matches(file) }
  }
  return undefined
}

async function ignoreText(path: string, root: string): Promise<string | undefined> {
  const refuse = (code: string, problem: string, remedy: string): Failure =>
    new Failure('input', [
      error(code, `The ignore file ${problem}.`, remedy, { file: relative(root, path), line: 1, column: 1 }),
    ])
  if (!(await lstat(path).catch(() => undefined))) return undefined
  const file = await openInside(root, path).catch((thrown) => {
    throw refuse('file/unreadable', `cannot be read: ${messageOf(thrown)}`, 'Check its permissions.')
  })
  if (file === 'outside')
    throw refuse('file/outside', 'is a link that leads out of the workspace', 'Put the file itself there.')
  if (file === undefined)
    throw refuse('file/not-a-file', 'is not a regular file', 'Put a regular file there, or remove it.')
  try {
    const bytes = await readUpTo(file, largestIgnoreFile)
    if ('tooLarge' in bytes)
      throw refuse(
        'file/too-large',
        `is larger than ${largestIgnoreFile / 1024} kB`,
        'Remove what does not belong there.',
      )
    return bytes.toString('utf8')
  } finally {
    await file.close()
  }
}

/** Every regular file below a folder; links are not followed. Names are bytes, kept as Latin-1: bytes that are not UTF-8 show as `\xNN`. */
async function* filesOf(root: string, signal: AbortSignal | undefined): AsyncGenerator<FileEntry> {
  const base = Buffer.from(root)
  const absolute = (path: string): Buffer => Buffer.concat([base, slash, Buffer.from(path, 'latin1')])
  const folders = ['']
  let seen = 0
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const open = await opendir(path === '' ? root : absolute(path), { encoding: 'latin1', bufferSize: 256 }).catch(
      unreadable(root, path === ''),
    )
    for await (const entry of open ?? []) {
      signal?.throwIfAborted()
      if (++seen > mostEntries) throw tooLarge(root)
      const inside = path ? `${path}/${entry.name}` : entry.name
      if (entry.isDirectory()) folders.push(inside)
      else if (entry.isFile()) {
        // A file may disappear meanwhile.
        const info = await lstat(absolute(inside)).catch(() => undefined)
        if (info) yield { path: decodeName(Buffer.from(inside, 'latin1')), bytes: info.size }
      }
    }
  }
}

const slash = Buffer.from('/')

/** A folder may disappear meanwhile, except for the first one. */
const unreadable = (folder: string, first: boolean) => (thrown: unknown) => {
  if (!first && (thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  throw new Failure(
    'input',
    [
      error(
        'context/unreadable',
        `The build context cannot be read: ${messageOf(thrown)}.`,
        'Check the permissions of its folders.',
      ),
    ],
    { folder, thrown },
  )
}

const tooLarge = (folder: string): Failure =>
  new Failure('input', [
    error(
      'context/too-many-files',
      `The build context ${basename(folder)} has more than ${mostEntries} files and folders, so it was not measured.`,
      'Build from a smaller folder.',
    ),
  ])
