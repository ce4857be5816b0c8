import { createHash } from 'node:crypto'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../cache-folder.ts'
import type { Host } from '../host.ts'
import type { Plan } from '../plan/plan.ts'
import type { Builder } from './builders/builder.ts'
import type { BuildResult } from './result.ts'

/** Whether a builder had everything in its cache the last time that the same was built. */
export interface CachedBefore {
  readonly expected: boolean
  /** For the next run. A machine where nothing can be kept loses no more than time. */
  remember(builds: readonly BuildResult[]): Promise<void>
}

/**
 * What was in the cache the last time is there again, and where something had to be executed, something is being worked on: an empty file says the former.
 * A builder of this run has nothing in its cache, and is nothing that could be remembered.
 */
export async function recallCached(
  { name: builder, owned }: Pick<Builder, 'name' | 'owned'>,
  plan: Pick<Plan, 'addons'>,
  { environment, workspace }: Pick<Host, 'environment' | 'workspace'>,
): Promise<CachedBefore> {
  const folder = cacheFolder(environment)
  if (folder === undefined || owned) return { expected: false, remember: async () => {} }
  const ids = plan.addons.flatMap(({ targets }) => targets.map(({ id }) => id))
  const name = createHash('sha256')
    .update(JSON.stringify([workspace, builder, ids]))
    .digest('hex')
  const file = join(folder, 'cached', name.slice(0, 32))
  const expected = await access(file).then(
    () => true,
    () => false,
  )
  return {
    expected,
    async remember(builds) {
      const cached = builds.length > 0 && builds.every(cameFromCache)
      if (cached === expected) return
      try {
        if (!cached) return await rm(file, { force: true })
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, '')
      } catch {
        // See above.
      }
    },
  }
}

const cameFromCache = (build: BuildResult): boolean =>
  build.status === 'built' && build.cache.hits === build.cache.total
