/** The folders and files that an add-on is built from, relative to the workspace. */
interface AddonPaths {
  readonly folder: string
  /** Dockerfiles that the input `file` may name. */
  readonly dockerfiles: readonly string[]
  /** Folders of `build-contexts`. */
  readonly contexts: readonly string[]
}

/**
 * Whether a changed file is one that devices get with an update. Files that the store shows straight from the repository, and files for people and tools that
 * work on the add-on, are not. In doubt a file is one. Pure.
 * @param isExcluded whether the build context leaves out a path of the add-on's folder: see `.dockerignore`.
 */
export function changesDevice(
  { folder, dockerfiles, contexts }: AddonPaths,
  changed: readonly string[],
  isExcluded: (path: string) => boolean,
): boolean {
  return changed.some((file) => {
    if (dockerfiles.includes(file)) return true
    const inside = pathIn(folder, file)
    if (inside !== undefined && isForDevices(inside) && (isReadFromFolder(inside) || !isExcluded(inside))) return true
    return contexts.some((context) => {
      const path = pathIn(context, file)
      return path !== undefined && isForDevices(path)
    })
  })
}

/** The path below a folder; empty for the folder itself, such as a submodule. */
function pathIn(folder: string, file: string): string | undefined {
  if (folder === '.') return file
  if (file === folder) return ''
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : undefined
}

/** In the folder of the add-on: the store shows the first two and translations, and documents may have images. */
const shownFiles: ReadonlySet<string> = new Set(['icon.png', 'logo.png'])
const shownFolders: ReadonlySet<string> = new Set(['translations', 'docs'])

/** @param path below the folder of an add-on, or below another build context. */
function isForDevices(path: string): boolean {
  const [first = '', ...rest] = path.split('/')
  // `rootfs` is copied into the image as it is.
  if (/\.md$/i.test(path) && first !== 'rootfs') return false
  // `.gitignore`, but not `.dockerignore`, which decides what the image has.
  if (rest.length === 0) return !shownFiles.has(first) && !first.startsWith('.git')
  return !first.startsWith('.') && !shownFolders.has(first)
}

/** Files that the Supervisor or the build reads from the folder itself, whatever the build context leaves out. */
const isReadFromFolder = (path: string): boolean =>
  /^(?:(?:config|build)\.(?:yaml|yml|json)|apparmor\.txt|Dockerfile(?:\.\w+)?)$/.test(path) ||
  path.endsWith('.dockerignore')
