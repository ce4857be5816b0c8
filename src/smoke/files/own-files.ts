import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Entry, type Files, joinPath, workspaceFiles } from '../../addon/files.ts'
import { type Diagnostic, error, warning } from '../../core/diagnostics.ts'
import { quoted, quotedList } from '../../core/parsed.ts'
import { type FolderFile, type FolderName, folderNames } from './folders.ts'

interface OwnFiles {
  readonly files: readonly FolderFile[]
  /** With an error, there are no files. */
  readonly problems: readonly Diagnostic[]
}

interface Place {
  /** Absolute path of the checkout. */
  readonly workspace: string
  /** The folder of the add-on, relative to the workspace. */
  readonly addon: string
  /** The input `smoke-files`. */
  readonly given: string | undefined
}

/** In the folder of an add-on; the first that has a folder of a device counts. */
const usualFolders = ['.aicleaner', 'tests/fixtures']
const maxFiles = 2000
const maxMegabytes = 100
const maxBytes = maxMegabytes * 1024 * 1024

/** Reads the files of the repository for the mapped folders. */
export async function ownFiles(place: Place, mapped: ReadonlySet<FolderName>): Promise<OwnFiles> {
  const files = workspaceFiles(place.workspace)
  if (place.given !== undefined) return filesIn(place.given, place, mapped, files)
  for (const usual of usualFolders) {
    const folder = joinPath(place.addon, usual)
    const entries = await files.list(folder)
    if (entries === 'outside' || entries?.some(isKnown)) return filesIn(folder, place, mapped, files)
  }
  return { files: [], problems: [] }
}

const isKnown = ({ name, kind }: Entry): boolean => kind === 'folder' && folderNames.some((known) => known === name)

async function filesIn(
  folder: string,
  { workspace, given }: Place,
  mapped: ReadonlySet<FolderName>,
  files: Files,
): Promise<OwnFiles> {
  const entries = await files.list(folder)
  if (entries === undefined) {
    return refused(error('smoke/no-folder', `There is no folder ${quoted(folder)}.`, 'Correct "smoke-files".'))
  }
  if (entries === 'outside') {
    const message = `${quoted(folder)} leads out of the checkout.`
    return refused(error('smoke/files-outside', message, 'Replace the link by a folder.'))
  }
  const unknown = entries.filter((entry) => entry.kind === 'folder' && !isKnown(entry)).map(({ name }) => name)
  const known = `Use the names ${quotedList(folderNames, ' and ')}.`
  const message = `${quoted(folder)} has folders that no add-on maps: ${quotedList(unknown.slice(0, 10), ', ')}.`
  // In tests/fixtures, others are usual.
  const isOwn = given !== undefined || folder.endsWith('.aicleaner')
  const problems = unknown.length > 0 && isOwn ? [warning('smoke/unknown-folder', message, known)] : []
  const reader = new Reader(files, workspace)
  for (const entry of entries) {
    const name = folderNames.find((one) => one === entry.name && mapped.has(one))
    const refusal = name && (await reader.add(name, joinPath(folder, name), entry))
    if (refusal) return refused(refusal, ...problems)
  }
  return { files: reader.found, problems }
}

const refused = (...problems: readonly Diagnostic[]): OwnFiles => ({ files: [], problems })

class Reader {
  readonly found: FolderFile[] = []
  readonly #files: Files
  readonly #workspace: string
  #entries = 0
  #bytes = 0

  constructor(files: Files, workspace: string) {
    this.#files = files
    this.#workspace = workspace
  }

  /** @param path relative to the workspace @param inside relative to the folder @returns why it is refused */
  async add(folder: FolderName, path: string, { kind, link }: Entry, inside = ''): Promise<Diagnostic | undefined> {
    this.#entries += 1
    if (this.#entries > maxFiles) return tooMuch(`${maxFiles} files and folders`)
    if (link || kind === 'other') {
      return error('smoke/not-a-file', `${quoted(path)} is ${link ? 'a link' : 'not a file'}.`, 'Replace it by a file.')
    }
    if (kind === 'file') return this.#read(folder, path, inside)
    const entries = await this.#files.list(path)
    if (!Array.isArray(entries)) return unreadable(path)
    for (const entry of entries as readonly Entry[]) {
      const below = inside === '' ? entry.name : `${inside}/${entry.name}`
      const refusal = await this.add(folder, `${path}/${entry.name}`, entry, below)
      if (refusal) return refusal
    }
  }

  async #read(folder: FolderName, path: string, inside: string): Promise<Diagnostic | undefined> {
    if (folder === 'data' && inside === 'options.json') {
      const remedy = 'Remove it, and set options with "smoke-options".'
      return error('smoke/own-options', `The Supervisor writes options.json, so ${quoted(path)} has no effect.`, remedy)
    }
    const text = await this.#files.read(path, maxBytes - this.#bytes)
    if ('tooLarge' in text) return tooMuch(`${maxMegabytes} MiB`)
    if (!('bytes' in text)) return unreadable(path)
    this.#bytes += text.bytes.length
    // Like git, which keeps no other permissions.
    const isProgram = ((await lstat(join(this.#workspace, path)).catch(() => undefined))?.mode ?? 0) & 0o100
    this.found.push({ folder, path: inside, content: text.bytes, mode: isProgram ? 0o755 : 0o644 })
  }
}

const tooMuch = (limit: string): Diagnostic =>
  error(
    'smoke/too-many-files',
    `The files for mapped folders are more than ${limit}.`,
    'Keep only what the test needs.',
  )

const unreadable = (path: string): Diagnostic =>
  error('smoke/not-a-file', `${quoted(path)} cannot be read.`, 'Replace it by a file that the job can read.')

/** A certificate and its key belong together. */
const pair: readonly string[] = ['fullchain.pem', 'privkey.pem']

/** Own files replace those that are there by default. */
export function withDefaults(own: readonly FolderFile[], defaults: readonly FolderFile[]): readonly FolderFile[] {
  const hasPair = own.some(({ folder, path }) => folder === 'ssl' && pair.includes(path))
  const isReplaced = ({ folder, path }: FolderFile): boolean =>
    (folder === 'ssl' && hasPair) ||
    // Also by a folder of that name.
    own.some((file) => file.folder === folder && (file.path === path || file.path.startsWith(`${path}/`)))
  return [...defaults.filter((file) => !isReplaced(file)), ...own]
}
