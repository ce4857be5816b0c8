import { nextLink } from '../core/http-headers.ts'
import { isTag } from '../core/image-reference.ts'
import { readBody } from './http.ts'
import type { Repository } from './name.ts'
import { isOk, type Requests } from './requests.ts'
import { parseJson } from './response.ts'

/** Maximum tags that are read: a registry could return an endless list. */
const mostTags = 20_000
const tagsPerPage = 1000
/** Maximum pages. A registry may return fewer tags per page than requested. */
const mostPages = 400

/** All tags of a repository, page by page, up to `mostTags`. Source: distribution spec, "Listing Tags". */
export async function listTags(repository: Repository, requests: Requests): Promise<readonly string[]> {
  const found = new Set<string>()
  let url: string | undefined = `${requests.base(repository)}/tags/list?n=${tagsPerPage}`
  const { pathname } = new URL(url)
  for (let page = 1; url !== undefined && page <= mostPages && found.size < mostTags; page += 1) {
    const current: string = url
    const { tags, link } = await requests.again(async () => {
      const response = await requests.send(repository, 'pull', { method: 'GET', url: current, accepts: isOk })
      return { tags: tagsIn(await readBody(response), repository.registry), link: response.headers.link }
    })
    const before = found.size
    for (const tag of tags) found.add(tag)
    // A page without a new tag is the last one, whatever its link says.
    const next: string | undefined = found.size === before ? undefined : nextPage(link, current)
    // The token is for this repository only.
    url = next !== undefined && new URL(next).pathname === pathname ? next : undefined
  }
  return [...found]
}

/** The address of the next page; undefined on the last page, and for an address of another origin, which must not get the token. */
export function nextPage(link: string | undefined, current: string): string | undefined {
  const target = nextLink(link)
  if (target === undefined || !URL.canParse(target, current)) return undefined
  const next = new URL(target, current)
  return next.origin === new URL(current).origin ? next.href : undefined
}

/** A repository without tags has null. Entries that are not tags are left out. */
function tagsIn(body: Buffer, from: string): readonly string[] {
  const { tags } = parseJson(body, 'a list of tags', from)
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string' && isTag(tag)) : []
}
