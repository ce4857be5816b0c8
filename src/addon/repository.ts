import { readConfigFile } from './config/config-file.ts'
import { findFolders } from './discover.ts'
import { type Files, joinPath } from './files.ts'
import { readText } from './yaml/text.ts'

const names = ['config.yaml', 'config.yml', 'config.json'] as const

/** Maximum folders to look at: a repository with more has several add-ons. */
const maxFolders = 200

/**
 * Whether the checkout has more than one add-on, whatever `target` selects: a release is then not the release of each. An add-on is a folder whose
 * config has a name and a slug; the `config.json` of another program does not count. Does not reject because of the content of a file.
 */
export async function hasSeveralAddons(files: Files): Promise<boolean> {
  const { folders } = await findFolders({ targets: ['.'] }, files)
  if (folders.length > maxFolders) return true
  let found = 0
  for (const { folder } of folders) {
    if (await isAddon(folder, files)) found += 1
    if (found > 1) return true
  }
  return false
}

async function isAddon(folder: string, files: Files): Promise<boolean> {
  for (const name of names) {
    const file = joinPath(folder, name)
    const text = await readText(file, files)
    if (text === undefined) continue
    if ('diagnostic' in text) return false
    const { config } = readConfigFile(text.text, file)
    return config.slug !== undefined && config.name !== undefined
  }
  return false
}
