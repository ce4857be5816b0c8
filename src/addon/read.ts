import pLimit from 'p-limit'
import { architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import type { Addon } from './addon.ts'
import { combine } from './combine.ts'
import { type BuildFile, readBuildFile } from './config/build-file.ts'
import { type ConfigFile, deprecated, readConfigFile } from './config/config-file.ts'
import { type ChangedFiles, findFolders, type ReadOptions, type SelectedFolder } from './discover.ts'
import { isDockerfile, notAFile, readDockerfiles } from './dockerfiles.ts'
import { type Entry, type Files, joinPath } from './files.ts'
import { readText } from './yaml/text.ts'

interface ReadAddons {
  /** Those without an error, in order of folders. */
  readonly addons: readonly Addon[]
  /** The number of folders, with those that have errors. */
  readonly folders: number
  readonly diagnostics: readonly Diagnostic[]
}

/** In this order; the first one that exists is used. */
const extensions = ['yaml', 'yml', 'json'] as const

/** Files open at once: a runner limits them to 1024. */
const atOnce = 32

/**
 * Finds and reads the add-ons that the targets select.
 * @param changed the files that the commits of the event change; used only with `changed-only`.
 */
export async function readAddons(options: ReadOptions, files: Files, changed?: ChangedFiles): Promise<ReadAddons> {
  const { folders, diagnostics } = await findFolders(options, files, changed)
  const limit = pLimit(atOnce)
  const read = await Promise.all(folders.map((folder) => limit(() => readAddon(folder, options, files))))
  return {
    addons: read.flatMap(({ addon }) => (addon ? [addon] : [])),
    folders: folders.length,
    diagnostics: [...diagnostics, ...read.flatMap((one) => one.diagnostics)],
  }
}

async function readAddon(
  { folder, named }: SelectedFolder,
  options: ReadOptions,
  files: Files,
): Promise<{ readonly addon?: Addon; readonly diagnostics: readonly Diagnostic[] }> {
  const entries = await files.list(folder)
  if (entries === undefined || entries === 'outside')
    return { diagnostics: [missingFolder(folder, entries === 'outside')] }
  if (!named && options.file === undefined && !entries.some(({ name }) => isDockerfile(name))) {
    return { diagnostics: [await passedOver(folder, entries, files)] }
  }
  const diagnostics: Diagnostic[] = []
  const source = { folder, entries, files, diagnostics }
  const config = await readOne(source, 'config', (text, file) => {
    const read = readConfigFile(text, file)
    return [read.config, read.diagnostics]
  })
  const build = await readOne(source, 'build', (text, file) => {
    const read = readBuildFile(text, file, options.legacy?.versionFrom)
    return [read.build, read.diagnostics]
  })
  const dockerfiles = await readDockerfiles(folder, entries, options, files, diagnostics)
  if (!config.found && !build.found && dockerfiles.size === 0 && !diagnostics.some(isError)) {
    diagnostics.push(
      error(
        'addon/not-an-addon',
        `${folder === '.' ? 'The workspace' : quoted(folder)} contains no config.yaml, build.yaml or Dockerfile, and no folder beneath it is an add-on.`,
        folder === '.'
          ? 'Set "target" to the folder of an add-on, and run actions/checkout in an earlier step.'
          : 'Set "target" to the folder of an add-on.',
      ),
    )
  }
  const tried = options.file !== undefined || entries.some(({ name }) => name === 'Dockerfile')
  if (dockerfiles.size === 0 && (config.found || build.found) && !tried) {
    const file = config.content?.file ?? build.content?.file
    const other = entries.find(({ name }) => /^(dockerfile|containerfile)$/i.test(name))?.name
    diagnostics.push(
      error(
        'addon/no-dockerfile',
        `There is no Dockerfile in "${folder}", so there is nothing to build.`,
        other === undefined
          ? 'Add one, set the input "file", or exclude the folder with "!" in "target".'
          : `Rename "${other}" to "Dockerfile", or set the input "file".`,
        file === undefined ? undefined : { file, line: 1, column: 1 },
      ),
    )
  }
  if (diagnostics.some(isError)) return { diagnostics }
  if (!config.found) {
    diagnostics.push(
      warning(
        'addon/no-config',
        `"${folder}" has no config.yaml, so name, version and options are unknown.`,
        'Add one, or set the inputs "version" and "architectures".',
        { file: build.content?.file ?? dockerfiles.values().next().value?.file ?? folder, line: 1, column: 1 },
      ),
    )
  }
  diagnostics.push(...undeclared(config.content, build.content))
  // If nothing else declares architectures, those in `build_from` are built.
  if (config.content === undefined || config.content.architectures.length === 0) {
    diagnostics.push(...deprecated(new Set(build.content?.bases.keys()), build.content?.basesWhere))
  }
  return { addon: combine(folder, config.content, build.content, dockerfiles), diagnostics }
}

/** A folder that was found by searching and has nothing to build: an add-on whose image is built elsewhere, or another config file. */
async function passedOver(folder: string, entries: readonly Entry[], files: Files): Promise<Diagnostic> {
  const name = entries.find(
    (entry) => entry.kind === 'file' && /^(config|build)\.(yaml|yml|json)$/.test(entry.name),
  )?.name
  const file = joinPath(folder, name ?? 'config.yaml')
  const text = await readText(file, files)
  const elsewhere = text && 'text' in text && readConfigFile(text.text, file).config.image !== undefined
  return (elsewhere ? notice : warning)(
    'addon/no-dockerfile',
    `There is no Dockerfile in "${folder}", so it is not built.`,
    elsewhere ? 'No action is needed.' : 'Add one, or exclude the folder with "!" in "target".',
    { file, line: 1, column: 1 },
  )
}

/** In the order of the file. */
const byPlace = ({ where: a }: Diagnostic, { where: b }: Diagnostic): number =>
  (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)

interface Content<T> {
  readonly found: boolean
  readonly content?: T
}

interface Source {
  readonly folder: string
  readonly entries: readonly Entry[]
  readonly files: Files
  readonly diagnostics: Diagnostic[]
}

async function readOne<T>(
  { folder, entries, files, diagnostics }: Source,
  stem: 'config' | 'build',
  parse: (text: string, file: string) => readonly [T, readonly Diagnostic[]],
): Promise<Content<T>> {
  const names = extensions.map((extension) => `${stem}.${extension}`)
  const there = names.filter((name) => entries.some((entry) => entry.name === name && entry.kind === 'file'))
  const [first, ...others] = there
  if (first === undefined) {
    const odd = entries.find(({ name }) => names.includes(name))
    if (!odd) return { found: false }
    diagnostics.push(notAFile(folder, odd))
    return { found: true }
  }
  const file = joinPath(folder, first)
  if (others.length > 0) {
    diagnostics.push(
      warning(
        'file/several',
        `${[first, ...others].join(' and ')} exist. Only ${first} is used here; other tools may use another one.`,
        'Keep one of them.',
        { file: joinPath(folder, others[0] ?? ''), line: 1, column: 1 },
      ),
    )
  }
  const text = await readText(file, files)
  if (text === undefined) return { found: false }
  if ('diagnostic' in text) {
    diagnostics.push(text.diagnostic)
    return { found: true }
  }
  const [content, found] = parse(text.text, file)
  diagnostics.push(...found.toSorted(byPlace))
  return { found: true, content }
}

/** Architectures in `build_from` that config.yaml does not list: one of the two files is out of date. */
function undeclared(config: ConfigFile | undefined, build: BuildFile | undefined): readonly Diagnostic[] {
  const declared = config?.architectures ?? []
  const extra = architectures.filter((one) => build?.bases.has(one) && !declared.includes(one))
  if (declared.length === 0 || extra.length === 0) return []
  return [
    notice(
      'addon/undeclared-architecture',
      `"build_from" has ${extra.join(', ')}, but "arch" in ${config?.file.split('/').at(-1)} does not, so ${extra.length === 1 ? 'it is' : 'they are'} not built.`,
      `Add ${extra.length === 1 ? 'it' : 'them'} to "arch", or remove ${extra.length === 1 ? 'it' : 'them'} from "build_from".`,
      build?.basesWhere,
    ),
  ]
}

const missingFolder = (folder: string, outside: boolean): Diagnostic =>
  outside
    ? error(
        'addon/outside',
        `"${folder}" is a link that leads out of the workspace.`,
        'Put the add-on itself into the checkout.',
      )
    : error(
        'addon/no-folder',
        `There is no folder "${folder}" in the workspace.`,
        'Correct the input "target", and run actions/checkout in an earlier step.',
      )
