import pLimit from 'p-limit'
import { architectures } from '../core/architecture.ts'
import { type Diagnostic, error, isError, notice, warning } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import { Problems } from '../core/problems.ts'
import type { Addon } from './addon.ts'
import { combine } from './combine.ts'
import { type BuildFile, readBuildFile } from './config/build-file.ts'
import { type ConfigFile, checkDeprecated, readConfigFile } from './config/config-file.ts'
import { type ChangedFiles, describesAddon, findFolders, type ReadOptions, type SelectedFolder } from './discover.ts'
import { isDockerfile, notAFile, readDockerfiles } from './dockerfiles.ts'
import { type Entry, type Files, joinPath } from './files.ts'
import { readText } from './yaml/text.ts'

interface ReadAddons {
  /** The add-ons without an error, in order of folders. */
  readonly addons: readonly Addon[]
  /** The number of selected folders, including those with errors. */
  readonly folders: number
  readonly diagnostics: readonly Diagnostic[]
}

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
  const problems = new Problems()
  const source = { folder, entries, files, problems }
  const config = (await readOne(source, 'config', readConfigWithAdvice))?.config
  const { versionFrom } = options.legacy ?? {}
  const build = (await readOne(source, 'build', (text, file) => readBuildFile(text, file, versionFrom)))?.build
  // A file that exists but cannot be read also makes the folder an add-on.
  const isAddon = config !== undefined || build !== undefined || problems.list.some(isError)
  const dockerfiles = await readDockerfiles(folder, entries, options, files, problems)
  if (!isAddon && dockerfiles.size === 0 && !problems.list.some(isError)) {
    problems.error(
      'addon/not-an-addon',
      `${folder === '.' ? 'The workspace' : quoted(folder)} contains no config.yaml, build.yaml or Dockerfile, and no folder beneath it is an add-on.`,
      folder === '.'
        ? 'Set "target" to the folder of an add-on, and run actions/checkout in an earlier step.'
        : 'Set "target" to the folder of an add-on.',
    )
  }
  const tried = options.file !== undefined || entries.some(({ name }) => name === 'Dockerfile')
  if (isAddon && dockerfiles.size === 0 && !tried) {
    const file = config?.file ?? build?.file
    const other = entries.find(({ name }) => /^(dockerfile|containerfile)$/i.test(name))?.name
    problems.error(
      'addon/no-dockerfile',
      `There is no Dockerfile in "${folder}", so there is nothing to build.`,
      other === undefined
        ? 'Add one, set the input "file", or exclude the folder with "!" in "target".'
        : `Rename "${other}" to "Dockerfile", or set the input "file".`,
      file === undefined ? undefined : { file, line: 1, column: 1 },
    )
  }
  if (problems.list.some(isError)) return { diagnostics: problems.list }
  if (!config) {
    problems.warning(
      'addon/no-config',
      `"${folder}" has no config.yaml, so name, version and options are unknown.`,
      'Add one, or set the inputs "version" and "architectures".',
      { file: build?.file ?? dockerfiles.values().next().value?.file ?? folder, line: 1, column: 1 },
    )
  }
  checkUndeclared(config, build, problems)
  // If nothing else declares architectures, those in `build_from` are built.
  if (!config?.architectures.length) checkDeprecated(new Set(build?.bases.keys()), build?.basesWhere, problems)
  return { addon: combine(folder, config, build, dockerfiles), diagnostics: problems.list }
}

/** A folder that was found by searching and has nothing to build: an add-on whose image is built elsewhere, or another config file. */
async function passedOver(folder: string, entries: readonly Entry[], files: Files): Promise<Diagnostic> {
  const file = joinPath(folder, entries.find(describesAddon)?.name ?? 'config.yaml')
  const text = await readText(file, files)
  const elsewhere = text && 'text' in text && readConfigFile(text.text, file).config.image !== undefined
  return (elsewhere ? notice : warning)(
    'addon/no-dockerfile',
    `There is no Dockerfile in "${folder}", so it is not built.`,
    elsewhere ? 'No action is needed.' : 'Add one, or exclude the folder with "!" in "target".',
    { file, line: 1, column: 1 },
  )
}

function readConfigWithAdvice(text: string, file: string) {
  const { advice, diagnostics, ...read } = readConfigFile(text, file)
  return { ...read, diagnostics: [...diagnostics, ...advice] }
}

/** Compares by position in the file. */
const byPlace = ({ where: a }: Diagnostic, { where: b }: Diagnostic): number =>
  (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)

interface Source {
  readonly folder: string
  readonly entries: readonly Entry[]
  readonly files: Files
  readonly problems: Problems
}

/** The config or build file of a folder; undefined if it is missing, or cannot be read. */
async function readOne<T extends { readonly diagnostics: readonly Diagnostic[] }>(
  { folder, entries, files, problems }: Source,
  stem: 'config' | 'build',
  parse: (text: string, file: string) => T,
): Promise<T | undefined> {
  // The first one that exists is used.
  const names = ['yaml', 'yml', 'json'].map((extension) => `${stem}.${extension}`)
  const there = names.filter((name) => entries.some((entry) => entry.name === name && entry.kind === 'file'))
  const [first, ...others] = there
  if (first === undefined) {
    const odd = entries.find(({ name }) => names.includes(name))
    return odd && problems.add(notAFile(folder, odd))
  }
  if (others.length > 0) {
    problems.warning(
      'file/several',
      `${there.join(' and ')} exist. Only ${first} is used here; other tools may use another one.`,
      'Keep one of them.',
      { file: joinPath(folder, others[0] ?? ''), line: 1, column: 1 },
    )
  }
  const file = joinPath(folder, first)
  const text = await readText(file, files)
  if (text === undefined) return undefined
  if ('diagnostic' in text) return problems.add(text.diagnostic)
  const read = parse(text.text, file)
  problems.add(...read.diagnostics.toSorted(byPlace))
  return read
}

/** Architectures in `build_from` that config.yaml does not list: one of the two files is out of date. */
function checkUndeclared(config: ConfigFile | undefined, build: BuildFile | undefined, problems: Problems): void {
  const declared = config?.architectures ?? []
  const extra = architectures.filter((one) => build?.bases.has(one) && !declared.includes(one))
  if (declared.length === 0 || extra.length === 0) return
  const [they, them] = extra.length === 1 ? ['it is', 'it'] : ['they are', 'them']
  problems.notice(
    'addon/undeclared-architecture',
    `"build_from" has ${extra.join(', ')}, but "arch" in ${config?.file.split('/').at(-1)} does not, so ${they} not built.`,
    `Add ${them} to "arch", or remove ${them} from "build_from".`,
    build?.basesWhere,
  )
}

function missingFolder(folder: string, outside: boolean): Diagnostic {
  if (outside) {
    const problem = `"${folder}" is a link that leads out of the workspace.`
    return error('addon/outside', problem, 'Put the add-on itself into the checkout.')
  }
  const problem = `There is no folder "${folder}" in the workspace.`
  return error('addon/no-folder', problem, 'Correct the input "target", and run actions/checkout in an earlier step.')
}
