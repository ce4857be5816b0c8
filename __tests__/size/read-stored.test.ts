import { describe, expect, test } from '@jest/globals'
import { longestText } from '../../src/core/schema.ts'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { fromStored } from '../../src/size/read-stored.ts'
import { toStored } from '../../src/size/stored.ts'
import { contents, digest, installed, layer, measure, waste } from './measures.ts'

const full: ImageMeasure = measure(
  [
    layer('a', 10),
    layer('b', 5, { compression: 'zstd', line: 3 }),
    layer('c', 4, { compression: 'none', onDisk: { unknown: 'not unpacked' } }),
  ],
  {
    method: 'archive',
    created: '2026-01-02T03:04:05Z',
    revision: 'f'.repeat(40),
    base: { reference: 'base:1', layers: 1 },
    contents: contents({
      waste: [
        waste('x', 5, { files: 2 }),
        waste('y', 4, { reason: 'overwritten', writtenBy: 1, hiddenBy: 2 }),
        waste('z', 3, { reason: 'metadata-only' }),
      ],
      largestFiles: [{ path: 'usr/a', bytes: 3 }],
      folders: [{ path: 'usr', bytes: 4 }],
      packages: [
        installed('gcc', '1', 3, { layer: 2 }),
        installed('libc', '2', 2, { manager: 'dpkg' }),
        installed('six', '3', 1, { manager: 'python' }),
        installed('ms', '4', 0, { manager: 'node' }),
      ],
      tree: { name: '', bytes: 9, files: 2, packaged: 1, layer: 0, package: 1, children: [{ name: 'a', bytes: 3 }] },
    }),
  },
)
const { createdBy: _, ...bare } = layer('a', 10)
const least: ImageMeasure = measure([bare])

type Json = Record<string, unknown>
/** The text of a stored measurement, after something was done to what it holds. */
function stored(change: (file: Json) => void = () => {}, of: ImageMeasure = full): string {
  const file = JSON.parse(toStored({ addon: 'x', architecture: 'amd64', commit: 'c', measure: of })) as Json
  change(file)
  return JSON.stringify(file)
}
const read = (text: string) => fromStored(text, 'x', 'amd64')

/** Puts a value where a path leads; undefined takes it away. */
const put =
  (path: string, value: unknown) =>
  (file: Json): void => {
    const names = path.split('.')
    const last = names.pop() ?? ''
    const at = names.reduce<Json>((inside, name) => inside[name] as Json, file)
    if (value === undefined) delete at[last]
    else at[last] = value
  }

describe('a stored measurement', () => {
  test.each([
    ['with all that there can be', full],
    ['with no more than there must be', least],
  ])('%s is unchanged', (_, one) => {
    expect(read(toStored({ addon: 'x', architecture: 'amd64', measure: one }))).toStrictEqual({
      addon: 'x',
      architecture: 'amd64',
      measure: one,
    })
  })

  test('comes back with its commit, and without what does not belong there', () => {
    const found = read(stored(put('measure.contents.waste.0.evil', '<script>')))
    expect(found).toStrictEqual({ addon: 'x', architecture: 'amd64', commit: 'c', measure: full })
  })

  test.each([
    ['addon', 'y'],
    ['architecture', 'armv7'],
  ])('of another %s is refused', (name, value) => {
    expect(read(stored(put(name, value)))).toBeUndefined()
  })

  test.each<[string, unknown, string]>([
    ['schemaVersion', 2, '$.schemaVersion: expected 1'],
    ['schemaVersion', undefined, '$.schemaVersion: is missing'],
    ['commit', 7, '$.commit: expected a string'],
    ['measure', undefined, '$.measure: is missing'],
    ['measure', null, '$.measure: expected an object'],
    ['measure', [], '$.measure.method: is missing'],
    ['measure', 'text', '$.measure: expected an object'],
    ['measure.method', 'guess', '$.measure.method: expected ("oci-layout" | "registry" | "archive")'],
    ['measure.method', undefined, '$.measure.method: is missing'],
    ['measure.manifestDigest', 'sha256:12', '$.measure.manifestDigest: expected sha256: and 64 hex digits'],
    ['measure.configDigest', 5, '$.measure.configDigest: expected a string'],
    ['measure.configDigest', `${digest('x')}0`, '$.measure.configDigest: expected sha256: and 64 hex digits'],
    ['measure.configDigest', `x${digest('x')}`, '$.measure.configDigest: expected sha256: and 64 hex digits'],
    ['measure.configDigest', digest('x').toUpperCase(), '$.measure.configDigest: expected sha256: and 64 hex digits'],
    ['measure.download', -1, '$.measure.download: expected >=0'],
    ['measure.download', 1.5, '$.measure.download: expected a whole number'],
    ['measure.download', '5', '$.measure.download: expected a number'],
    ['measure.download', 2 ** 53, '9007199254740992 is too large'],
    ['measure.onDisk', undefined, '$.measure.onDisk: is missing'],
    ['measure.onDisk', {}, '$.measure.onDisk: expected bytes or unknown'],
    ['measure.onDisk', { bytes: '1' }, '$.measure.onDisk: expected bytes or unknown'],
    ['measure.created', 5, '$.measure.created: expected a string'],
    ['measure.base', 'b', '$.measure.base: expected an object'],
    ['measure.base.reference', undefined, '$.measure.base.reference: is missing'],
    ['measure.base.layers', -1, '$.measure.base.layers: expected >=0'],
    ['measure.layers', {}, '$.measure.layers: expected an array'],
    ['measure.layers.0', 'a', '$.measure.layers[0]: expected an object'],
    ['measure.layers.0.digest', 'a', '$.measure.layers[0].digest: expected sha256: and 64 hex digits'],
    ['measure.layers.0.diffId', 'a', '$.measure.layers[0].diffId: expected sha256: and 64 hex digits'],
    ['measure.layers.0.mediaType', 7, '$.measure.layers[0].mediaType: expected a string'],
    ['measure.layers.0.compression', 'lz4', '$.measure.layers[0].compression: expected ("gzip" | "zstd" | "none")'],
    ['measure.layers.0.download', null, '$.measure.layers[0].download: expected a number'],
    ['measure.layers.0.onDisk', 5, '$.measure.layers[0].onDisk: expected bytes or unknown'],
    ['measure.layers.0.createdBy', 5, '$.measure.layers[0].createdBy: expected a string'],
    ['measure.layers.0.line', 'x', '$.measure.layers[0].line: expected a number'],
    ['measure.contents', [], '$.measure.contents.merged: is missing'],
    ['measure.contents.merged', undefined, '$.measure.contents.merged: is missing'],
    ['measure.contents.hidden', undefined, '$.measure.contents.hidden: is missing'],
    ['measure.contents.files', undefined, '$.measure.contents.files: is missing'],
    ['measure.contents.waste', null, '$.measure.contents.waste: expected an array'],
    ['measure.contents.waste.0', 1, '$.measure.contents.waste[0]: expected an object'],
    ['measure.contents.waste.0.path', 1, '$.measure.contents.waste[0].path: expected a string'],
    ['measure.contents.waste.0.bytes', -1, '$.measure.contents.waste[0].bytes: expected >=0'],
    ['measure.contents.waste.0.files', 'x', '$.measure.contents.waste[0].files: expected a number'],
    [
      'measure.contents.waste.0.reason',
      'bored',
      '$.measure.contents.waste[0].reason: expected ("deleted" | "overwritten" | "metadata-only")',
    ],
    ['measure.contents.waste.0.writtenBy', 3, 'it refers to a layer that does not exist'],
    ['measure.contents.waste.0.hiddenBy', 3, 'it refers to a layer that does not exist'],
    ['measure.contents.waste.0.hiddenBy', -1, '$.measure.contents.waste[0].hiddenBy: expected >=0'],
    ['measure.contents.largestFiles', 1, '$.measure.contents.largestFiles: expected an array'],
    ['measure.contents.largestFiles.0', 1, '$.measure.contents.largestFiles[0]: expected an object'],
    ['measure.contents.folders', 1, '$.measure.contents.folders: expected an array'],
    ['measure.contents.folders.0', 1, '$.measure.contents.folders[0]: expected an object'],
    ['measure.contents.packages', 1, '$.measure.contents.packages: expected an array'],
    ['measure.contents.packages.0', 1, '$.measure.contents.packages[0]: expected an object'],
    [
      'measure.contents.packages.0.manager',
      'brew',
      '$.measure.contents.packages[0].manager: expected ("apk" | "dpkg" | "python" | "node")',
    ],
    ['measure.contents.packages.0.name', 1, '$.measure.contents.packages[0].name: expected a string'],
    ['measure.contents.packages.0.version', undefined, '$.measure.contents.packages[0].version: is missing'],
    ['measure.contents.packages.0.bytes', undefined, '$.measure.contents.packages[0].bytes: is missing'],
    ['measure.contents.packages.0.layer', 3, 'it refers to a layer that does not exist'],
    ['measure.contents.tree', 1, '$.measure.contents.tree: expected an object'],
    ['measure.contents.tree.name', 1, '$.measure.contents.tree.name: expected a string'],
    ['measure.contents.tree.bytes', 'x', '$.measure.contents.tree.bytes: expected a number'],
    ['measure.contents.tree.files', 'x', '$.measure.contents.tree.files: expected a number'],
    ['measure.contents.tree.packaged', 'x', '$.measure.contents.tree.packaged: expected a number'],
    ['measure.contents.tree.layer', 'x', '$.measure.contents.tree.layer: expected a number'],
    ['measure.contents.tree.package', 'x', '$.measure.contents.tree.package: expected a number'],
    ['measure.contents.tree.children', 'x', '$.measure.contents.tree.children: expected an array'],
    ['measure.contents.tree.children.0', 'x', '$.measure.contents.tree.children[0]: expected an object'],
  ])('is refused where %s is %j', (path, value, why) => {
    let message = ''
    try {
      read(stored(put(path, value)))
    } catch (thrown) {
      message = (thrown as Error).message
    }
    expect(message).toContain(why)
  })

  test('does not show invalid values in messages', () => {
    const evil = { word: 'x'.repeat(100) }
    expect(() => read(stored(put('measure.method', evil)))).toThrow(
      /^\$\.measure\.method: expected \("oci-layout" \| "registry" \| "archive"\)$/,
    )
  })

  test('has long texts cut', () => {
    const found = read(stored(put('measure.layers.0.createdBy', 'x'.repeat(longestText + 1))))
    expect(found?.measure.layers[0]?.createdBy).toBe(`${'x'.repeat(longestText - 1)}…`)
  })

  test.each([
    ['the longest text', 'measure.layers.0.createdBy', 'x'.repeat(longestText)],
    ['nothing at all', 'measure.download', 0],
    ['the last layer', 'measure.contents.waste.0.hiddenBy', 2],
    ['the first layer', 'measure.contents.packages.0.layer', 0],
  ])('may hold %s', (_, path, value) => {
    const found = read(stored(put(path, value)))
    expect(JSON.stringify(found)).toContain(JSON.stringify(value))
  })

  test('has no more layers of its base than it has', () => {
    expect(read(stored(put('measure.base.layers', 99)))?.measure.base).toEqual({ reference: 'base:1', layers: 3 })
  })

  const deep = (depth: number) => {
    let node: Json = { name: 'leaf', bytes: 1 }
    for (let at = 0; at < depth; at += 1) node = { name: 'd', bytes: 1, children: [node] }
    return node
  }
  test('has a tree of 1,000 folders in each other, and no deeper one', () => {
    expect(read(stored(put('measure.contents.tree', deep(1000))))?.measure.contents?.tree).toEqual(deep(1000))
    expect(() => read(stored(put('measure.contents.tree', deep(1001))))).toThrow(
      '$.measure.contents.tree: expected at most 1000 levels',
    )
  })

  test.each(['', '[]', 'null', '"x"', '7'])('is no %j', (content) => {
    expect(() => read(content)).toThrow()
  })
})

describe('a report', () => {
  const report = (parts: Json = {}) => ({
    schemaVersion: 1,
    run: { sha: 'c' },
    addons: [
      { targets: [{ addon: 'y', architecture: 'amd64', size: { measure: least } }] },
      {
        targets: [
          { addon: 'x', architecture: 'armv7', size: { measure: least } },
          { addon: 'x', architecture: 'amd64', size: { measure: full } },
        ],
      },
    ],
    ...parts,
  })
  const readReport = (parts?: Json) => read(JSON.stringify(report(parts)))

  test('has a measurement for each of its images', () => {
    expect(readReport()).toEqual({ addon: 'x', architecture: 'amd64', commit: 'c', measure: full })
  })

  test('of a terminal has no commit', () => {
    expect(readReport({ run: { sha: '' } })).toStrictEqual({ addon: 'x', architecture: 'amd64', measure: full })
  })

  test('has none of an image that was not measured', () => {
    expect(readReport({ addons: [{ targets: [{ addon: 'x', architecture: 'amd64' }] }] })).toBeUndefined()
  })

  test.each<[string, Json]>([
    ['$.run.sha: is missing', { run: [] }],
    ['$.addons: expected an array', { addons: {} }],
    ['$.addons[0]: expected an object', { addons: [7] }],
    ['$.addons[0].targets: is missing', { addons: [{}] }],
    ['$.addons[0].targets[0]: expected an object', { addons: [{ targets: ['x'] }] }],
    [
      '$.addons[0].targets[0].size: expected an object',
      { addons: [{ targets: [{ addon: 'x', architecture: 'amd64', size: 'x' }] }] },
    ],
  ])('is refused with "%s"', (why, parts) => {
    expect(() => readReport(parts)).toThrow(why)
  })
})
