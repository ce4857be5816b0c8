import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { error, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Digest } from '../core/digest.ts'
import type { Target } from '../plan/plan.ts'
import { openLayout } from '../registry/stored-image.ts'
import type { BuildPaths, BuildxOptions } from './build-command.ts'
import { saveLayout } from './saved.ts'

/**
 * What a build that went well has made: the layout tells.
 * Where the builder could only load, the layout is written now, and its manifest is ours.
 * Throws a Failure of kind `environment`.
 */
export async function readDigests(
  target: Target,
  { layout, metadata }: BuildPaths,
  { onlyLoads, options }: Pick<BuildxOptions, 'onlyLoads' | 'options'>,
  host: Host,
): Promise<{ readonly configDigest: Digest; readonly manifestDigest: Digest }> {
  if (!onlyLoads) {
    const manifestDigest = await onlyManifest(layout)
    const { configDigest } = await openLayout(layout, manifestDigest)
    return { configDigest, manifestDigest }
  }
  const said = JSON.parse(await readFile(metadata, 'utf8')) as { readonly 'containerimage.config.digest'?: Digest }
  const configDigest = said['containerimage.config.digest'] ?? unknown()
  const { annotations } = target
  const { compression } = options
  const setting = { configDigest, annotations, ...(compression && { compression }) }
  return { configDigest, manifestDigest: await saveLayout(layout, setting, host) }
}

async function onlyManifest(layout: string): Promise<Digest> {
  const { manifests = [] } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests?: readonly { readonly digest: Digest; readonly mediaType?: string }[]
  }
  const [only, ...others] = manifests
  if (only === undefined || others.length > 0 || /index|manifest\.list/.test(only.mediaType ?? '')) return unknown()
  return only.digest
}

function unknown(): never {
  throw new Failure('environment', [
    error(
      'environment/no-digest',
      'buildx did not say which image it built.',
      'Update buildx and BuildKit, or remove what makes this builder attach attestations by itself.',
    ),
  ])
}
