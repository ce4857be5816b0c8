import { readBuildFile } from '../addon/config/build-file.ts'
import { readConfigFile } from '../addon/config/config-file.ts'
import { joinPath } from '../addon/files.ts'
import { largestFile } from '../addon/yaml/text.ts'
import { ownerAndName, textOf } from '../core/json-fields.ts'
import { ifFound, type RestClient } from './rest.ts'

const readers = {
  build: (text: string) => readBuildFile(text, 'build.yaml').build.image?.value,
  config: (text: string) => readConfigFile(text, 'config.yaml').config.image?.value,
}

/**
 * `image` of an add-on as a commit has it, its placeholders not filled in: that of build.yaml, else that of config.yaml, as in a checkout.
 * @param folder relative to the repository.
 * @param legacy whether `args` is used: then the value of config.yaml comes first.
 * @throws RestError if the request to GitHub fails.
 */
export async function imageAt(
  client: RestClient,
  repository: string,
  commit: string,
  folder: string,
  legacy = false,
): Promise<string | undefined> {
  const imageIn = async (name: keyof typeof readers): Promise<string | undefined> => {
    for (const extension of ['yaml', 'yml', 'json']) {
      const text = await textAt(client, repository, commit, joinPath(folder, `${name}.${extension}`))
      if (text !== undefined) return readers[name](text)
    }
    return undefined
  }
  return legacy
    ? ((await imageIn('config')) ?? (await imageIn('build')))
    : ((await imageIn('build')) ?? (await imageIn('config')))
}

/** A file as a commit has it; undefined if it is missing, is not a file, or is larger than a file of an add-on may be. */
async function textAt(
  client: RestClient,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const route = 'GET /repos/{owner}/{repo}/contents/{path}'
  const data = (await ifFound(client.request(route, { ...ownerAndName(repository), path, ref: commit })))?.data
  // A folder is a list, links and submodules have other types, and files over 1 MB come without content.
  if (textOf(data, 'type') !== 'file' || textOf(data, 'encoding') !== 'base64') return undefined
  const content = textOf(data, 'content')
  return content.length > 2 * largestFile ? undefined : Buffer.from(content, 'base64').toString('utf8')
}
