import type { Places } from './repository-shape.ts'
import { fakeSha, type RepositoryFile } from './state.ts'

/** Source: GitHub, "Get repository content": over 1 MB the content is empty and the encoding `none`. */
const largestContent = 1024 * 1024

const commonOf = ({ repository, sha, path, content }: RepositoryFile, { api, pages }: Places) => {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  const url = `${api}/repos/${repository}/contents/${encoded}?ref=${sha}`
  const git = `${api}/repos/${repository}/git/blobs/${fakeSha(content)}`
  const html = `${pages}/${repository}/blob/${sha}/${encoded}`
  return {
    name: path.split('/').at(-1),
    path,
    sha: fakeSha(content),
    size: Buffer.byteLength(content),
    url,
    html_url: html,
    git_url: git,
    download_url: `${pages}/raw/${repository}/${sha}/${encoded}`,
    _links: { self: url, git, html },
  }
}

/** A file of a repository with its content. */
export function contentOf(file: RepositoryFile, places: Places): object {
  const { content, type = 'file' } = file
  const common = commonOf(file, places)
  if (type === 'symlink') return { ...common, type, target: content }
  const isLarge = Buffer.byteLength(content) > largestContent
  return {
    ...common,
    type,
    encoding: isLarge ? 'none' : 'base64',
    // GitHub breaks the lines after 60 characters.
    content: isLarge ? '' : Buffer.from(content).toString('base64').replaceAll(/.{60}/g, '$&\n'),
  }
}

/** A file as an entry of a folder listing. */
export const entryOf = (file: RepositoryFile, places: Places): object => ({
  ...commonOf(file, places),
  type: file.type ?? 'file',
})
