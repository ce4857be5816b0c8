import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Architecture, isNative, parseArchitecture, platformOf } from '../../core/architecture.ts'
import { error, Failure, messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { quoted } from '../../core/parsed.ts'
import { measureImage } from '../../image/image.ts'
import { smallestInTree } from '../../image/limits.ts'
import { archiveSource } from '../../image/sources/archive.ts'
import { layoutSource } from '../../image/sources/layout.ts'
import type { BlobSource } from '../../image/sources/source.ts'
import { openRegistry } from '../../registry/open.ts'
import { openReference } from '../../size/baseline.ts'
import type { CommandLine } from '../arguments.ts'
import { inputFailure, withExitCode } from './exit-code.ts'
import { describeDifference, describeImage } from './size-text.ts'

/** `size A [B]`: measures an image, or compares B with A. Each is an archive, an OCI layout, an image of the engine, or a name in a registry. */
export function size({ operands, text }: CommandLine, host: Host): Promise<number> {
  return withExitCode(host, async () => {
    const platform = platformOf(architectureOf(text('architectures')))
    const measures = await Promise.all(
      operands.map(async (operand, index) => {
        try {
          const source = await open(operand, `${index}`, host)
          return await measureImage(source, platform, { treeFrom: smallestInTree, signal: host.signal })
        } catch (thrown) {
          throw ofOperand(operand, thrown)
        }
      }),
    )
    const [before, after] = measures
    if (!before) return 2
    const lines = after ? describeDifference(operands[0] ?? '', before, after) : describeImage(before)
    for (const line of lines) host.log.info(line)
    return 0
  })
}

/** The first architecture of the input, else that of this machine. */
function architectureOf(text: string): Architecture {
  const name = text.split(/[\s,]+/).find(Boolean)
  const found = name === undefined ? nativeArchitecture() : parseArchitecture(name)
  if (found) return found
  const remedy = 'Use amd64, aarch64, armv7, armhf or i386.'
  throw inputFailure('input/unknown-architecture', `Architecture "${name}" is not known.`, remedy)
}

const nativeArchitecture = (): Architecture =>
  (['amd64', 'aarch64', 'armv7', 'i386'] as const).find((one) => isNative(one, process.arch)) ?? 'amd64'

async function open(operand: string, name: string, host: Host): Promise<BlobSource> {
  const path = resolve(host.workspace, operand)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return openFolder(path)
  if (found?.isFile()) return openFile(path)
  // A path is never sent to a registry.
  if (/^\.{0,2}\/|\.(?:tar|tgz|gz|oci|zst)$/.test(operand))
    throw notThere('There is no such file or folder.', 'Name an archive, an OCI layout, or an image.')
  const archive = await savedImage(operand, join(host.temporary, `${name}.tar`), host)
  if (archive) return archiveSource(archive)
  if (!imageName.test(operand))
    throw notThere('This is neither a file nor an image name.', 'Write a name as in "ghcr.io/org/image:tag".')
  return openReference(operand, openRegistry([], [], host))
}

// Source: distribution/reference, `ReferenceRegexp`, simplified: it only has to tell image names from other text.
const imageName = /^[\w.:[\]-]+(?:\/[a-z0-9._-]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/

const notThere = (problem: string, remedy: string): Failure => inputFailure('image/unreadable', problem, remedy)

async function openFolder(path: string): Promise<BlobSource> {
  if (existsSync(join(path, 'index.json'))) return layoutSource(path)
  throw notThere(
    'This folder has no index.json, so it is not an OCI layout.',
    'Build one with "docker buildx build --output type=oci,tar=false,dest=FOLDER".',
  )
}

async function openFile(path: string): Promise<BlobSource> {
  try {
    return await archiveSource(path)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    throw inputFailure(
      'image/not-an-image',
      'This file is not an image archive.',
      'Create one with "docker save -o FILE IMAGE". Decompress a compressed archive first.',
    )
  }
}

/** The same problem, with the name of the image that has it. */
function ofOperand(operand: string, thrown: unknown): unknown {
  const name = quoted(operand)
  if (thrown instanceof Failure) {
    const diagnostics = thrown.diagnostics.map((one) => ({
      ...one,
      message: `${name}: ${one.message}`,
      ...(one.code === 'image/no-platform' && { remedy: 'Name the architecture, as in "--architectures armv7".' }),
    }))
    return new Failure(thrown.kind, diagnostics, thrown)
  }
  const status = (thrown as { readonly status?: number } | undefined)?.status
  const hidden = status === 401 || status === 403
  const isMissing = status === 404 || hidden
  const problem = isMissing
    ? `${name}: There is no such file or folder, and neither the engine nor the registry has such an image${hidden ? ' that is readable without a login' : ''}.`
    : `${name}: ${messageOf(thrown)}`
  const remedy = hidden ? 'Log in with "docker login".' : 'Check the name, and whether its registry is reachable.'
  return new Failure(isMissing ? 'input' : 'environment', [error('image/unreadable', problem, remedy)], thrown)
}

/** An image of the engine as an archive; undefined if the engine does not have it, or if there is no engine. */
async function savedImage(image: string, file: string, { processes }: Host): Promise<string | undefined> {
  if (image.startsWith('-')) return undefined
  try {
    const known = await processes.exec('docker', ['image', 'inspect', '--format', '{{.Id}}', image])
    if (known.exitCode !== 0) return undefined
    const saved = await processes.exec('docker', ['image', 'save', '--output', file, image], { timeoutMs: 600_000 })
    return saved.exitCode === 0 ? file : undefined
  } catch {
    return undefined
  }
}
