import type { Host } from '../../core/host.ts'
import { type ContainerSpec, createContainer, docker, errorOf, removeContainers } from '../../docker/containers.ts'
import type { MappedFolder } from '../container/mapped-folders.ts'
import { tar } from '../container/tar.ts'
import { environmentFailure } from '../failures.ts'
import { type FolderFile, folderOf } from './folders.ts'

/**
 * Writes files into the volumes of a container that is not started. They go through a second container, which never starts, because
 * `docker cp` refuses a volume that is mounted read-only. Rejects with a Failure (`environment`) if Docker cannot do it.
 */
export async function fillFolders(
  spec: Pick<ContainerSpec, 'name' | 'image' | 'platform' | 'labels'>,
  folders: readonly MappedFolder[],
  files: readonly FolderFile[],
  host: Host,
): Promise<void> {
  const name = `${spec.name}-files`
  // Paths of its own, because those of the add-on may be links or files in the image.
  const filled = folders
    .map(({ type, volume }, index) => ({ folder: folderOf(type), volume, path: `${name}-${index}` }))
    .map((one) => ({ ...one, files: files.filter(({ folder }) => folder === one.folder) }))
    .filter((one) => one.files.length > 0)
  if (filled.length === 0) return
  const archive = tar(
    filled.flatMap(({ path, files }) => files.map((file) => ({ ...file, path: `${path}/${file.path}` }))),
  )
  const { image, platform, labels } = spec
  const created = await createContainer(
    {
      ...{ name, image, labels, network: 'none', ...(platform && { platform }) },
      mounts: filled.map(({ volume, path }) => ({ volume, target: `/${path}` })),
      // Docker refuses to create a container without a program.
      entrypoint: '/none',
    },
    host,
  )
  if ('error' in created) throw failure(created.error)
  try {
    const copied = await docker(host.processes, ['cp', '-', `${created.id}:/`], { input: archive, timeoutMs: 120_000 })
    if (copied.exitCode !== 0) throw failure(errorOf(copied))
  } finally {
    await removeContainers(host.processes, [created.id])
  }
}

const failure = (detail: string) =>
  environmentFailure('smoke/no-files', `The files of the mapped folders could not be copied: ${detail}.`)
