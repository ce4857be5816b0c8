import { readBuildFile } from '../addon/config/build-file.ts'
import { readConfigFile } from '../addon/config/config-file.ts'
import { joinPath } from '../addon/files.ts'
import { largestFile } from '../addon/yaml/text.ts'
import { ownerAndName, textOf } from '../core/json-fields.ts'
import { type RestClient, RestError } from './rest.ts'

const names = ['yaml', 'yml', 'json']

/**
 * `image` of an add-on as a commit has it, its placeholders not filled in: that of build.yaml, else that of config.yaml, as in a checkout.
 * @param folder relative to the repository.
 * @param legacy with `args` that of config.yaml comes first.
 * @throws RestError when GitHub cannot be asked.
 */
export async function imageAt(
  client: RestClient,
  repository: string,
  commit: string,
  folder: string,
  legacy = false,
): Promise<string | undefined> {
  const first = async (name: string): Promise<string | undefined> => {
    for (const extension of names) {
      const text = await textAt(client, repository, commit, joinPath(folder, `${name}.${extension}`))
      if (text !== undefined) return text
    }
    return undefined
  }
  const ofBuild = async () => {
    const build = await first('build')
    return build === undefined ? undefined : readBuildFile(build, 'build.yaml').build.image?.value
  }
  const ofConfig = async () => {
    const config = await first('config')
    return config === undefined ? undefined : readConfigFile(config, 'config.yaml').config.image?.value
  }
  return legacy ? ((await ofConfig()) ?? (await ofBuild())) : ((await ofBuild()) ?? (await ofConfig()))
}

/** A file as a commit has it; undefined where it is not there, is no file, or is larger than a file of an add-on may be. */
async function textAt(
  client: RestClient,
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  try {
    const route = 'GET /repos/{owner}/{repo}/contents/{path}'
    const { data } = await client.request(route, { ...ownerAndName(repository), path, ref: commit })
    // A folder is a list, links and submodules have other types, and files over 1 MB come without content.
    if (textOf(data, 'type') !== 'file' || textOf(data, 'encoding') !== 'base64') return undefined
    const content = textOf(data, 'content')
    return content.length > 2 * largestFile ? undefined : Buffer.from(content, 'base64').toString('utf8')
  } catch (thrown) {
    if (thrown instanceof RestError && thrown.status === 404) return undefined
    throw thrown
  }
}
