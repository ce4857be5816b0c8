import { posix } from 'node:path'
import pLimit from 'p-limit'
import picomatch from 'picomatch'
import type { Diagnostic } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import { Problems } from '../core/problems.ts'
import type { AddonOptions } from '../inputs/options.ts'
import { type Entry, type Files, joinPath } from './files.ts'
import { sharedChange } from './shared-changes.ts'

/** `targets`, and any other inputs about add-ons. */
export type ReadOptions = Pick<AddonOptions, 'targets'> & Partial<AddonOptions>

/** The files that the commits of the event change, relative to the workspace; or why they are unknown. */
export type ChangedFiles = { readonly files: readonly string[] } | { readonly unknown: string }

/** No checkout has so many folders. A loop of mounts, or a home directory used as the workspace, would. */
const mostFolders = 20_000
/** Levels of folders. The system resolves each path from its root, so the time for nested folders grows with the cube of their depth. */
const maxDepth = 64
/** Folders open at once: a runner may limit them to 1024. */
const atOnce = 32

/** Longer paths are not compared with patterns, which would take too long. */
const longestPath = 1024

export interface SelectedFolder {
  readonly folder: string
  /** Whether a target names this folder, and not just a pattern or a folder above it. */
  readonly named: boolean
}

/** The folders of the add-ons that the targets select, sorted, each once. */
export async function findFolders(
  options: ReadOptions,
  files: Files,
  changed?: ChangedFiles,
): Promise<{ readonly folders: readonly SelectedFolder[]; readonly diagnostics: readonly Diagnostic[] }> {
  const problems = new Problems()
  // `./!name` is a folder that begins with "!".
  const plain = (target: string): string => target.replace(/^\.\/(?=.)/, '')
  const wanted = options.targets.filter((target) => !target.startsWith('!')).map(plain)
  const unwanted = options.targets.filter((target) => target.startsWith('!')).map((target) => plain(target.slice(1)))
  const found = new Map<string, boolean>()
  for (const target of wanted.length > 0 ? wanted : ['.']) {
    for (const folder of await resolve(target, files, problems)) {
      found.set(folder, folder === target || found.get(folder) === true)
    }
  }
  const isUnwanted = picomatch(
    unwanted.flatMap((one) => [one, `${one}/**`]),
    { nonegate: true },
  )
  const folders = [...found.keys()]
    .filter((folder) => unwanted.length === 0 || folder.length > longestPath || !isUnwanted(folder))
    .filter((folder) => hasUsableName(folder, problems))
    .sort()
    .map((folder) => ({ folder, named: found.get(folder) === true }))
  if (folders.length === 0 && problems.list.length === 0) {
    problems.error(
      'addon/no-match',
      'All targets are excluded, so there is no add-on to build.',
      'Remove a line with "!" from "target".',
    )
  }
  return options.changedOnly
    ? onlyChanged(folders, changed, options, problems)
    : { folders, diagnostics: problems.list }
}

/** `target` has one folder per line, so a name with a line end would become two targets in a job of the matrix. */
function hasUsableName(folder: string, problems: Problems): boolean {
  if (!/\p{Cc}/u.test(folder)) return true
  problems.error('addon/odd-name', `The folder ${quoted(folder)} has a control character in its name.`, 'Rename it.')
  return false
}

async function resolve(target: string, files: Files, problems: Problems): Promise<readonly string[]> {
  const entries = await files.list(target)
  const { isGlob, base, glob } = picomatch.scan(target, { nonegate: true })
  // A folder may be called `a[1]`.
  if (entries === undefined && isGlob && glob !== '') {
    const root = base === '' ? '.' : base
    const matches = picomatch(target, { dot: false, nonegate: true })
    const found = await walk(root, files, problems)
    const folders = found.filter((path) => path.length <= longestPath && matches(path))
    if (folders.length === 0) {
      problems.error(
        'addon/no-match',
        `No add-on matches "${target}".`,
        'Correct the pattern. It is compared with folders that contain config.yaml or build.yaml.',
      )
    }
    return folders
  }
  // Reported when that folder is read, with its other problems.
  if (entries === undefined || entries === 'outside') return [target]
  if (entries.some(describesAddon)) return [target]
  const below = await walk(target, files, problems)
  return below.length > 0 ? below : [target]
}

/** Searches for add-ons like the Supervisor's store: any depth, but not in dot folders and `rootfs`. Links are not followed. */
async function walk(root: string, files: Files, problems: Problems): Promise<readonly string[]> {
  const found: string[] = []
  let seen = 0
  const limit = pLimit(atOnce)
  const refuse = (problem: string): readonly string[] => {
    problems.error('addon/too-many-folders', `"${root}" has ${problem}.`, 'List the add-on folders in "target".')
    return []
  }
  let level: readonly string[] = [root]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return refuse(`folders nested deeper than ${maxDepth} levels`)
    const next: string[] = []
    for (const [path, entries] of await Promise.all(
      level.map((path) => limit(async () => [path, await files.list(path)] as const)),
    )) {
      if (entries === undefined || entries === 'outside') continue
      seen += 1
      if (entries.some(describesAddon)) found.push(path)
      for (const { name, kind, link } of entries) {
        if (kind === 'folder' && !link && !name.startsWith('.') && name !== 'rootfs' && name !== 'node_modules') {
          next.push(joinPath(path, name))
        }
      }
    }
    if (seen + next.length > mostFolders) return refuse(`more than ${mostFolders} folders`)
    level = next
  }
  return found
}

/** Whether it is a `config.*` or `build.*`, which makes its folder an add-on. */
export const describesAddon = ({ name, kind }: Entry): boolean =>
  kind === 'file' && /^(config|build)\.(yaml|yml|json)$/.test(name)

function onlyChanged(
  folders: readonly SelectedFolder[],
  changed: ChangedFiles | undefined,
  options: ReadOptions,
  problems: Problems,
): { readonly folders: readonly SelectedFolder[]; readonly diagnostics: readonly Diagnostic[] } {
  if (!changed || 'unknown' in changed) {
    const why = changed?.unknown ?? 'This event has no commit to compare with.'
    problems.notice('addon/changes-unknown', `"changed-only": ${why}`, 'Every add-on is built.')
    return { folders, diagnostics: problems.list }
  }
  const shared = sharedChange(options.changedPathsAll ?? [], changed.files)
  if (shared && folders.length > 0) {
    const problem = shared.isTooLong
      ? `The path ${quoted(shared.file)} is too long to be compared with "changed-paths-all", so it counts as a file that all add-ons depend on.`
      : `${quoted(shared.file)} was changed, and all add-ons depend on it.`
    problems.notice('addon/shared-change', problem, 'Every add-on is built. See "changed-paths-all".')
    return { folders, diagnostics: problems.list }
  }
  const touches = (path: string): boolean =>
    path === '.' || changed.files.some((file) => file === path || file.startsWith(`${path}/`))
  const touched = folders.filter(({ folder }) =>
    [folder, ...dockerfilePaths(folder, options.file), ...contextFolders(options)].some(touches),
  )
  if (touched.length === 0 && folders.length > 0) {
    const problem = 'No add-on was changed, so nothing is built.'
    problems.notice('addon/nothing-changed', problem, 'No action is needed. See "changed-only".')
  }
  return { folders: touched, diagnostics: problems.list }
}

/** The values of `build-contexts`. Folders that every image is built from belong to every add-on. */
export const contextFolders = ({ buildContexts }: Partial<AddonOptions>): readonly string[] =>
  [...(buildContexts?.values() ?? [])].map((path) => posix.normalize(path).replace(/\/$/, ''))

/**
 * The paths in the workspace at which the Dockerfile of the input `file` may be. It is relative to the add-on, or to the workspace as in Docker's own
 * actions. A path that begins with `/` is relative to the workspace.
 */
export function dockerfilePaths(folder: string, file: string | undefined): readonly string[] {
  if (file === undefined) return []
  const paths = file.startsWith('/') ? [file.slice(1)] : [joinPath(folder, file), file]
  return [...new Set(paths.map((path) => posix.normalize(path)))].filter((path) => !/^\.\.(?:\/|$)/.test(path))
}
