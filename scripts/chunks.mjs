// How the bundle is divided into files. A bundler makes a file for each set of modules that the same entries and `import()`
// share: that would be 120 files, and each file that Node loads at start costs about a millisecond.

/**
 * The files of dist/shared/, each with the modules of src/ that it is for. A module that several files could have is in the
 * first of them, so a file imports files before it only. Modules that this does not reach are left to the bundler: they are
 * in the file of the entry or of the `import()` that needs them.
 */
export const chunks = {
  /** What the post step loads, and no more. */
  cleanup: ['build/cleanup', 'platform/log/escape', 'platform/processes'],
  /** What the action and the command line share with files below. Nothing can import an entry, since that would run it. */
  common: ['platform/log/masks', 'platform/open-host', 'platform/cache-dir', 'report/model/make-report'],
  /** From the inputs to the plan. */
  start: ['pipeline/run-action'],
  engine: ['docker/engine', 'docker/emulation'],
  /** A run with invalid inputs loads this as well. */
  deliver: ['pipeline/deliver-report'],
  registry: [
    'registry/open',
    'registry/push-remedy',
    'pipeline/push-access',
    'pipeline/remove-unpublished',
    'github/size-cache',
  ],
  archive: ['image/sources/archive'],
  pipeline: ['pipeline/pipeline', 'pipeline/build-session', 'pipeline/publish-images'],
  baseline: ['size/baseline'],
  /** Listed before the rules: a run without an audit needs this file but no rules. */
  inspection: ['pipeline/inspect-image'],
  github: ['github/comment', 'github/changed-files'],
  rules: ['report/sarif'],
}

/**
 * The file of each module.
 * @param {Readonly<Record<string, readonly string[]>>} table files in order, with the paths of their modules
 * @param {(path: string) => readonly string[] | undefined} importsOf what a module imports statically; undefined if the bundle has no such module
 * @returns {Map<string, string>} paths of modules and names of files
 * @throws when a module of the table is not in the bundle
 */
export function divide(table, importsOf) {
  const files = new Map()
  const add = (path, file) => {
    if (files.has(path)) return
    files.set(path, file)
    for (const imported of importsOf(path) ?? []) add(imported, file)
  }
  for (const [file, paths] of Object.entries(table))
    for (const path of paths) {
      if (!importsOf(path)) throw new Error(`scripts/chunks.mjs names ${path}, which no entry imports.`)
      add(path, file)
    }
  return files
}
