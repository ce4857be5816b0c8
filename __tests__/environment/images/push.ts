import { readFile } from 'node:fs/promises'
import type { Document, Image } from './oci.ts'

/**
 * Pushes an image to a registry that needs no login.
 * `registry`: base address, `http://127.0.0.1:5000`. Existing blobs are not uploaded again.
 */
export async function pushImage(
  registry: string,
  repository: string,
  tags: readonly string[],
  image: Image,
): Promise<void> {
  for (const layer of image.layers) await pushBlob(registry, repository, layer.digest, () => readFile(layer.file))
  const { configuration } = image
  await pushBlob(registry, repository, configuration.digest, async () => Buffer.from(configuration.text))
  for (const reference of [image.manifest.digest, ...tags]) {
    await pushManifest(registry, repository, reference, image.manifest)
  }
}

/** Pushes a manifest or an index by tag or digest. */
export async function pushManifest(
  registry: string,
  repository: string,
  reference: string,
  manifest: Document,
): Promise<void> {
  await request(`${registry}/v2/${repository}/manifests/${reference}`, 201, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: manifest.text,
  })
}

async function pushBlob(
  registry: string,
  repository: string,
  digest: string,
  read: () => Promise<Buffer<ArrayBuffer>>,
): Promise<void> {
  const there = await fetch(`${registry}/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })
  if (there.ok) return
  const started = await request(`${registry}/v2/${repository}/blobs/uploads/`, 202, { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', registry)
  location.searchParams.set('digest', digest)
  await request(location.href, 201, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: await read(),
  })
}

export async function request(address: string, expected: number, options: RequestInit): Promise<Response> {
  const answer = await fetch(address, options)
  const text = await answer.text()
  if (answer.status !== expected) {
    throw new Error(
      `${options.method} ${address} answered ${answer.status} instead of ${expected}: ${text.slice(0, 200)}`,
    )
  }
  return answer
}
