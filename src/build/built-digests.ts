import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { error, Failure } from '../core/diagnostics.ts'
import { type Digest, isDigest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import { fieldOf, listOf, parseJsonText, textOf } from '../core/json-fields.ts'
import type { Target } from '../plan/plan.ts'
import { openLayout } from '../registry/stored-image.ts'
import type { BuildPaths, BuildxOptions } from './build-command.ts'
import { saveLayout } from './save-layout.ts'

/** The digests of the built image. For a builder that can only load it, the layout is written now. Throws a Failure (`environment`). */
export async function readDigests(
  target: Target,
  { layout, metadata }: BuildPaths,
  { lacksOciExport, options }: Pick<BuildxOptions, 'lacksOciExport' | 'options'>,
  host: Host,
): Promise<{ readonly configDigest: Digest; readonly manifestDigest: Digest }> {
  if (!lacksOciExport) {
    const manifestDigest = await onlyManifest(layout)
    const { configDigest } = await openLayout(layout, manifestDigest)
    return { configDigest, manifestDigest }
  }
  const text = parseJsonText(await readFile(metadata, 'utf8'))
  const configDigest = textOf(text, 'containerimage.config.digest') || unknown()
  const { compression } = options
  const image = { configDigest, annotations: target.annotations, ...(compression && { compression }) }
  return { configDigest, manifestDigest: await saveLayout(layout, image, host) }
}

async function onlyManifest(layout: string): Promise<Digest> {
  const index = parseJsonText(await readFile(join(layout, 'index.json'), 'utf8'))
  const [only, ...others] = listOf(index, 'manifests')
  const digest = fieldOf(only, 'digest')
  if (others.length > 0 || /index|manifest\.list/.test(textOf(only, 'mediaType'))) return unknown()
  return isDigest(digest) ? digest : unknown()
}

function unknown(): never {
  throw new Failure('environment', [
    error(
      'environment/no-digest',
      'buildx did not report which image it built.',
      'Update buildx and BuildKit, or change the configuration that makes this builder add attestations.',
    ),
  ])
}
