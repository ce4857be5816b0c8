import { expect, test } from '@jest/globals'
import { mappedFolders } from '../../../src/core/container-rules.ts'
import { folderNames, folderOf } from '../../../src/smoke/files/folders.ts'

test('every type of map is one of the folders, and no folder is without a type', () => {
  const folders = [...mappedFolders.keys()].map(folderOf)
  expect(folders).not.toContain(undefined)
  expect(new Set(folders)).toEqual(new Set(folderNames))
})

test.each([
  ['config', 'homeassistant'],
  ['homeassistant_config', 'homeassistant'],
  ['app_config', 'addon_config'],
  ['ssl', 'ssl'],
  ['toString', undefined],
])('the folder of %s is %s', (type, folder) => {
  expect(folderOf(type)).toBe(folder)
})
