import { createHash } from 'node:crypto'

const accept = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'].join(', ')

/** Looks into a registry by plain HTTP: another pair of eyes than those of the code under test. */
export function readRegistry(registry: string) {
  const split = (name: string) => {
    const path = name.slice(registry.length + 1)
    const at = path.indexOf('@')
    if (at >= 0) return { path: path.slice(0, at), reference: path.slice(at + 1) }
    const colon = path.lastIndexOf(':')
    return colon < 0 ? { path, reference: 'latest' } : { path: path.slice(0, colon), reference: path.slice(colon + 1) }
  }
  const get = (path: string) => fetch(`http://${registry}/v2/${path}`, { headers: { accept } })
  return {
    async manifest(name: string) {
      const { path, reference } = split(name)
      const answer = await get(`${path}/manifests/${reference}`)
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`)
      const text = await answer.text()
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
      return { digest, json: JSON.parse(text), size: text.length }
    },
    async json(name: string, digest: string) {
      return JSON.parse(await (await get(`${split(name).path}/blobs/${digest}`)).text())
    },
    /** Empty for a repository that is not there. */
    async tags(name: string): Promise<readonly string[]> {
      const answer = await get(`${split(name).path}/tags/list`)
      if (answer.status === 404) return []
      return ((await answer.json()) as { tags: string[] | null }).tags ?? []
    },
  }
}
