import { stat } from 'node:fs/promises'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { isPem } from '../core/pem.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import { checkFolder, locate, Refused, relativeToWorkspace } from '../platform/workspace-path.ts'

type PathOptions = Pick<Options, 'secrets' | 'buildContexts' | 'buildkitdConfig' | 'endpointTls' | 'cache'>

interface ReadPath {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'any'
  /** How messages name it: `The secret "token"`. */
  readonly what: string
}

/**
 * Checks every path in the workspace that Docker and buildx get. They follow links, so a link in a pull request could give the build a file of the runner,
 * or let it write to one. Missing files are left to them; paths outside the workspace are the responsibility of the workflow's owner.
 * @returns an error for each path that leads out of the workspace, or that is not a regular file or folder.
 */
export async function checkPaths(
  plan: Pick<Plan, 'addons'>,
  options: Partial<PathOptions>,
  { workspace }: Pick<Host, 'workspace'>,
): Promise<readonly Diagnostic[]> {
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const read = new Map([...readPaths(plan, options)].map((one) => [`${one.kind} ${one.path}`, one]))
  const folders = new Set(
    (options.cache ?? []).flatMap((kind) =>
      kind.kind === 'local' ? targets.map(({ cacheScope }) => `${kind.folder}/${cacheScope}`) : [],
    ),
  )
  const found = await Promise.all([
    ...[...read.values()].map((one) => checkRead(one, workspace)),
    ...[...folders].map((folder) => checkCache(folder, workspace)),
  ])
  return found.filter((one) => one !== undefined)
}

function* readPaths(plan: Pick<Plan, 'addons'>, options: Partial<PathOptions>): Generator<ReadPath> {
  for (const { context, dockerfile } of plan.addons.flatMap((addon) => addon.targets)) {
    yield { path: context, kind: 'folder', what: 'The build context' }
    yield { path: dockerfile, kind: 'file', what: 'The Dockerfile' }
    yield { path: `${dockerfile}.dockerignore`, kind: 'file', what: 'The ignore file' }
    yield { path: `${context}/.dockerignore`, kind: 'file', what: 'The ignore file' }
  }
  for (const secret of options.secrets ?? [])
    if ('file' in secret) yield { path: secret.file, kind: 'file', what: `The secret "${secret.id}"` }
  // `docker-image://`, `https://`, `target:` are not paths.
  for (const [name, value] of options.buildContexts ?? []) {
    const layout = /^oci-layout:\/\/(.*)$/s.exec(value)?.[1]?.replace(/[:@][^/]*$/, '')
    const path = layout ?? (/^(?:[a-z][a-z0-9+.-]*:\/\/|target:|git@)/i.test(value) ? undefined : value)
    if (path !== undefined) yield { path, kind: 'any', what: `The build context "${name}"` }
  }
  const config = options.buildkitdConfig
  // A text with a line end or "=" is the content of the file.
  if (config !== undefined && !/[\n=]/.test(config))
    yield { path: config, kind: 'file', what: 'The file of "buildkitd-config"' }
  for (const [part, path] of Object.entries(options.endpointTls ?? {}))
    if (path !== undefined && !isPem(path)) yield { path, kind: 'file', what: `The file of "endpoint-${part}"` }
}

async function checkRead({ path, kind, what }: ReadPath, workspace: string): Promise<Diagnostic | undefined> {
  const inside = await relativeToWorkspace(workspace, path)
  if (inside === undefined) return undefined
  const where = { file: inside || '.', line: 1, column: 1 }
  const real = await locate(workspace, path)
  if (real === undefined) return undefined
  if (real === 'outside') {
    const remedy = `Replace the link with the ${kind === 'folder' ? 'folder' : 'file'} itself.`
    return error('file/outside', `${what} is a link that leads out of the workspace.`, remedy, where)
  }
  const status = await stat(real).catch(() => undefined)
  if (!status || (kind !== 'folder' && status.isFile()) || (kind !== 'file' && status.isDirectory())) return undefined
  return error('file/not-a-file', `${what} is not a regular ${kind === 'folder' ? 'folder' : 'file'}.`, remove, where)
}

const remove = 'Replace it with a regular file or folder, or remove it.'

async function checkCache(folder: string, workspace: string): Promise<Diagnostic | undefined> {
  const inside = await relativeToWorkspace(workspace, folder)
  if (inside === undefined) return undefined
  try {
    await checkFolder(workspace, inside)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    return error(
      'file/outside',
      `The cache cannot be kept in this folder: ${thrown.message}`,
      'Remove the link, or use a folder outside the checkout in "cache: local:DIR".',
      { file: inside, line: 1, column: 1 },
    )
  }
}
