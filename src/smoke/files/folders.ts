import type { TarFile } from '../container/tar.ts'

/** A file in a folder that an add-on maps; `path` is relative to the folder. */
export interface FolderFile extends TarFile {
  readonly folder: FolderName
}

/** Folders of a device. An entry of `map` makes one of them visible in the container, under a path of its own. */
export const folderNames = [
  'data',
  'homeassistant',
  'addon_config',
  'addon_configs',
  'addons',
  'ssl',
  'share',
  'media',
  'backup',
] as const
export type FolderName = (typeof folderNames)[number]

/** Types of `map` that are not called like their folder. */
const otherNames: ReadonlyMap<string, FolderName> = new Map([
  ['config', 'homeassistant'],
  ['homeassistant_config', 'homeassistant'],
  ['app_config', 'addon_config'],
  ['all_addon_configs', 'addon_configs'],
  ['all_app_configs', 'addon_configs'],
  ['local_apps', 'addons'],
])

/** The folder behind a type of `map`. */
export const folderOf = (type: string): FolderName | undefined =>
  otherNames.get(type) ?? folderNames.find((name) => name === type)
