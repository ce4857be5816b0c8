import pLimit from 'p-limit'
import { architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import type { Options } from '../inputs/options.ts'
import type { Addon } from './addon.ts'
import { combine } from './combine.ts'
import { type BuildFile, readBuildFile } from './config/build-file.ts'
import { type ConfigFile, deprecated, readConfigFile } from './config/config-file.ts'
import { type ChangedFiles, type Found, findFolders } from './discover.ts'
import { isDockerfile, notAFile, readDockerfiles } from './dockerfiles.ts'
import { type Entry, type Files, joinPath } from './files.ts'
import { readText } from './yaml/text.ts'

export type ReadOptions = Pick<Options, 'targets' | 'changedOnly' | 'file' | 'architectures' | 'legacy'> &
  Partial<Pick<Options, 'buildContexts'>>

export interface ReadAddons {
  /** Those without an error, in order of folders. */
  readonly addons: readonly Addon[]
  /** How many were looked at. */
  readonly folders: number
  readonly diagnostics: readonly Diagnostic[]
}

/** In this order; the first one that is there counts. */
const extensions = ['yaml', 'yml', 'json'] as const

/** Files open at once: a runner allows 1024. */
const atOnce = 32

/**
 * Finds and reads the add-ons that the targets name.
 * @param changed what the event's commits touched; only asked with `changed-only`.
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
  { folder, named }: Found,
  options: ReadOptions,
  files: Files,
): Promise<{ readonly addon?: Addon; readonly diagnostics: readonly Diagnostic[] }> {
  const entries = await files.list(folder)
  if (entries === undefined || entries === 'outside') return { diagnostics: [noFolder(folder, entries === 'outside')] }
  if (!named && options.file === undefined && !entries.some(({ name }) => isDockerfile(name))) {
    return { diagnostics: [await passedOver(folder, entries, files)] }
  }
  const diagnostics: Diagnostic[] = []
  const config = await readOne('config', folder, entries, files, diagnostics, (text, file) => {
    const read = readConfigFile(text, file)
    return [read.config, read.diagnostics]
  })
  const build = await readOne('build', folder, entries, files, diagnostics, (text, file) => {
    const read = readBuildFile(text, file, options.legacy?.versionFrom)
    return [read.build, read.diagnostics]
  })
  const dockerfiles = await readDockerfiles(folder, entries, options, files, diagnostics)
  if (!config.found && !build.found && dockerfiles.size === 0 && !diagnostics.some(isError)) {
    diagnostics.push(
      error(
        'addon/not-an-addon',
        `${folder === '.' ? 'The workspace' : quoted(folder)} holds neither config.yaml nor build.yaml nor a Dockerfile, and no folder below it is an add-on.`,
        folder === '.'
          ? 'Name the folder of an add-on in "target"; was actions/checkout run before?'
          : 'Name the folder of an add-on in "target".',
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
          ? 'Add one, name it in the input "file", or exclude the folder with "!" in "target".'
          : `Rename "${other}" to "Dockerfile", or name it in the input "file".`,
        file === undefined ? undefined : { file, line: 1, column: 1 },
      ),
    )
  }
  if (diagnostics.some(isError)) return { diagnostics }
  if (!config.found) {
    diagnostics.push(
      warning(
        'addon/no-config',
        `"${folder}" has no config.yaml, so name, version and options are not known.`,
        'Add one, or set the inputs "version" and "architectures".',
        { file: build.content?.file ?? dockerfiles.values().next().value?.file ?? folder, line: 1, column: 1 },
      ),
    )
  }
  diagnostics.push(...undeclared(config.content, build.content))
  // Where nothing else declares architectures, those of the bases are built.
  if (config.content === undefined || config.content.architectures.length === 0) {
    diagnostics.push(...deprecated(new Set(build.content?.bases.keys()), build.content?.basesWhere))
  }
  return { addon: combine(folder, config.content, build.content, dockerfiles), diagnostics }
}

/** Found by looking around, and there is nothing to build: an add-on whose image comes from elsewhere, or something else with a config file. */
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
    elsewhere ? 'Nothing has to be done.' : 'Add one, or exclude the folder with "!" in "target".',
    { file, line: 1, column: 1 },
  )
}

/** As one reads the file. */
const byPlace = ({ where: a }: Diagnostic, { where: b }: Diagnostic): number =>
  (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)

interface Content<T> {
  readonly found: boolean
  readonly content?: T
}

async function readOne<T>(
  stem: 'config' | 'build',
  folder: string,
  entries: readonly Entry[],
  files: Files,
  diagnostics: Diagnostic[],
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
        `${others.join(' and ')} ${others.length === 1 ? 'stands' : 'stand'} beside ${first}; only ${first} is read here, and other tools may choose otherwise.`,
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

/** Bases of architectures that config.yaml does not list: one of the two files was forgotten. */
function undeclared(config: ConfigFile | undefined, build: BuildFile | undefined): readonly Diagnostic[] {
  const declared = config?.architectures ?? []
  const extra = architectures.filter((one) => build?.bases.has(one) && !declared.includes(one))
  if (declared.length === 0 || extra.length === 0) return []
  return [
    notice(
      'addon/undeclared-architecture',
      `"build_from" has ${extra.join(', ')}, but "arch" in ${config?.file.split('/').at(-1)} does not, so ${extra.length === 1 ? 'it is' : 'they are'} not built.`,
      'Add it there, or remove it here.',
      build?.basesWhere,
    ),
  ]
}

export const noFolder = (folder: string, outside: boolean): Diagnostic =>
  outside
    ? error(
        'addon/outside',
        `"${folder}" is a link that leads out of the workspace.`,
        'Put the add-on itself into the checkout.',
      )
    : error(
        'addon/no-folder',
        `There is no folder "${folder}" in the workspace.`,
        'Correct the input "target"; was actions/checkout run before?',
      )
