import { mappedFolders } from '../../core/container-rules.ts'
import type { Mount } from '../../docker/containers.ts'
import type { Target } from '../../plan/plan.ts'

/** Of two names of one folder, the new one wins. Source: Supervisor docker/app.py, mounts. */
const newNames: ReadonlyMap<string, string> = new Map([
  ['addon_config', 'app_config'],
  ['all_addon_configs', 'all_app_configs'],
  ['addons', 'local_apps'],
])

/** A folder that the add-on maps, with the volume in its place. */
export interface MappedFolder extends Mount {
  /** The type in `map`; `data` for the data of the add-on. */
  readonly type: string
  readonly volume: string
}

/** The folders of the add-on, each path once. The first is its data. */
export function foldersOf({ run }: Pick<Target, 'run'>, dataVolume: string): readonly MappedFolder[] {
  // The Supervisor keeps one entry of each type, the last.
  const byType = [...new Map(run.map.map((entry) => [entry.type, entry])).values()]
  const mapped = byType.filter(({ type }) => mappedFolders.has(type) && type !== 'data')
  // The old `config` excludes the new types.
  const hasOldConfig = mapped.some(({ type }) => type === 'config')
  const has = (name: string): boolean => mapped.some(({ type }) => type === name)
  const effective = mapped.filter(({ type }) => {
    if (hasOldConfig && ['addon_config', 'app_config', 'homeassistant_config'].includes(type)) return false
    const newName = newNames.get(type)
    return newName === undefined || !has(newName)
  })
  const data = byType.find(({ type }) => type === 'data')?.path ?? '/data'
  const folders = [
    { type: 'data', volume: dataVolume, target: data },
    // Named, because Docker refuses a read-only anonymous volume; after the data, so that a restart finds them again.
    ...effective.map(({ type, path, readOnly }, index) => ({
      ...{ type, volume: `${dataVolume}-map${index}`, readOnly },
      target: path ?? mappedFolders.get(type) ?? '',
    })),
  ]
  return folders.filter((folder, index) => folders.findIndex(({ target }) => target === folder.target) === index)
}
