import { createHash } from 'node:crypto'
import { request } from '../environment/images/push.ts'

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/**
 * Copies an image of a registry on loopback to other tags of a repository, its platform in the config changed or not; the layers stay what they are.
 * `from` and `to`: `localhost:5000/base-tiny:amd64`.
 */
export async function copyBase(from: string, to: string, architecture?: string): Promise<void> {
  const source = partsOf(from)
  const goal = partsOf(to)
  const read = async (path: string): Promise<string> =>
    (
      await fetch(`http://${source.registry}/v2/${source.repository}/${path}`, { headers: { accept: manifestType } })
    ).text()
  const manifest = JSON.parse(await read(`manifests/${source.tag}`))
  const config = { ...JSON.parse(await read(`blobs/${manifest.config.digest}`)), ...(architecture && { architecture }) }
  const text = JSON.stringify(config)
  const uploads = `http://${goal.registry}/v2/${goal.repository}/blobs/uploads/`
  for (const { digest } of manifest.layers) {
    await request(`${uploads}?mount=${digest}&from=${source.repository}`, 201, { method: 'POST' })
  }
  const started = await request(uploads, 202, { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', uploads)
  location.searchParams.set('digest', sha256(text))
  await request(location.href, 201, { method: 'PUT', body: text })
  const copy = { ...manifest, config: { ...manifest.config, digest: sha256(text), size: Buffer.byteLength(text) } }
  await request(`http://${goal.registry}/v2/${goal.repository}/manifests/${goal.tag}`, 201, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType ?? manifestType },
    body: JSON.stringify(copy),
  })
}

function partsOf(reference: string) {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? []
  return { registry, repository, tag }
}
