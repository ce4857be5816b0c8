import { describe, expect, test } from '@jest/globals'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { fromStored, toStored } from '../../src/size/stored.ts'
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
  ])('%s comes back as it was', (_, one) => {
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
  ])('of another %s is not the one that is asked for', (name, value) => {
    expect(read(stored(put(name, value)))).toBeUndefined()
  })

  const no = (what: string) => new RegExp(`^${what}$`)
  const amount = no('a size is no number of bytes')
  const noDigest = no('a digest is none')
  const choice = /is not one of /
  const long = 'x'.repeat(8193)
  test.each<[string, unknown, RegExp]>([
    ['schemaVersion', 2, no('schemaVersion is not 1')],
    ['schemaVersion', undefined, no('schemaVersion is not 1')],
    ['commit', 7, no('commit is no text')],
    ['measure', undefined, no('measure is no object')],
    ['measure', null, no('measure is no object')],
    ['measure', [], no('measure is no object')],
    ['measure', 'text', no('measure is no object')],
    ['measure.method', 'guess', /^"guess" is not one of oci-layout, registry, archive$/],
    ['measure.method', undefined, choice],
    ['measure.manifestDigest', 'sha256:12', noDigest],
    ['measure.configDigest', 5, noDigest],
    ['measure.configDigest', `${digest('x')}0`, noDigest],
    ['measure.configDigest', `x${digest('x')}`, noDigest],
    ['measure.configDigest', digest('x').toUpperCase(), noDigest],
    ['measure.download', -1, amount],
    ['measure.download', 1.5, amount],
    ['measure.download', '5', amount],
    ['measure.download', 2 ** 53, amount],
    ['measure.onDisk', undefined, no('size is no object')],
    ['measure.onDisk', {}, no('unknown is no text')],
    ['measure.onDisk', { bytes: '1' }, amount],
    ['measure.created', 5, no('created is no text')],
    ['measure.revision', long, no('revision is no text')],
    ['measure.base', 'b', no('base is no object')],
    ['measure.base.reference', undefined, no('reference is no text')],
    ['measure.base.layers', -1, amount],
    ['measure.layers', {}, no('layers is no list')],
    ['measure.layers.0', 'a', no('layer is no object')],
    ['measure.layers.0.digest', 'a', noDigest],
    ['measure.layers.0.diffId', 'a', noDigest],
    ['measure.layers.0.mediaType', 7, no('mediaType is no text')],
    ['measure.layers.0.compression', 'lz4', /^"lz4" is not one of gzip, zstd, none$/],
    ['measure.layers.0.download', null, amount],
    ['measure.layers.0.onDisk', 5, no('size is no object')],
    ['measure.layers.0.createdBy', 5, no('createdBy is no text')],
    ['measure.layers.0.createdBy', long, no('createdBy is no text')],
    ['measure.layers.0.line', 'x', amount],
    ['measure.contents', [], no('contents is no object')],
    ['measure.contents.merged', undefined, amount],
    ['measure.contents.hidden', undefined, amount],
    ['measure.contents.files', undefined, amount],
    ['measure.contents.waste', null, no('waste is no list')],
    ['measure.contents.waste.0', 1, no('waste is no object')],
    ['measure.contents.waste.0.path', 1, no('path is no text')],
    ['measure.contents.waste.0.bytes', -1, amount],
    ['measure.contents.waste.0.files', 'x', amount],
    ['measure.contents.waste.0.reason', 'bored', /^"bored" is not one of deleted, overwritten, metadata-only$/],
    ['measure.contents.waste.0.writtenBy', 3, no('a layer that is not there')],
    ['measure.contents.waste.0.hiddenBy', 3, no('a layer that is not there')],
    ['measure.contents.waste.0.hiddenBy', -1, amount],
    ['measure.contents.largestFiles', 1, no('largestFiles is no list')],
    ['measure.contents.largestFiles.0', 1, no('file is no object')],
    ['measure.contents.folders', 1, no('folders is no list')],
    ['measure.contents.folders.0', 1, no('folder is no object')],
    ['measure.contents.packages', 1, no('packages is no list')],
    ['measure.contents.packages.0', 1, no('package is no object')],
    ['measure.contents.packages.0.manager', 'brew', /^"brew" is not one of apk, dpkg, python, node$/],
    ['measure.contents.packages.0.name', 1, no('name is no text')],
    ['measure.contents.packages.0.version', undefined, no('version is no text')],
    ['measure.contents.packages.0.bytes', undefined, amount],
    ['measure.contents.packages.0.layer', 3, no('a layer that is not there')],
    ['measure.contents.tree', 1, no('tree is no object')],
    ['measure.contents.tree.name', 1, no('name is no text')],
    ['measure.contents.tree.bytes', 'x', amount],
    ['measure.contents.tree.files', 'x', amount],
    ['measure.contents.tree.packaged', 'x', amount],
    ['measure.contents.tree.layer', 'x', amount],
    ['measure.contents.tree.package', 'x', amount],
    ['measure.contents.tree.children', 'x', no('children is no list')],
    ['measure.contents.tree.children.0', 'x', no('tree is no object')],
  ])('is refused where %s is %j', (path, value, why) => {
    let message = ''
    try {
      read(stored(put(path, value)))
    } catch (thrown) {
      message = (thrown as Error).message
    }
    expect(message).toMatch(why)
  })

  test('is cut short where it shows what is wrong', () => {
    const evil = { word: 'x'.repeat(100) }
    expect(() => read(stored(put('measure.method', evil)))).toThrow(/^\{"word":"x{31} is not one of/)
  })

  test.each([
    ['a text of 8,192 characters', 'measure.layers.0.createdBy', 'x'.repeat(8192)],
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
  test('has a tree of 300 folders in each other, and no deeper one', () => {
    expect(read(stored(put('measure.contents.tree', deep(300))))?.measure.contents?.tree).toEqual(deep(300))
    expect(() => read(stored(put('measure.contents.tree', deep(301))))).toThrow('a tree that is too deep')
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
    ['run is no object', { run: [] }],
    ['addon is no object', { addons: [7] }],
    ['targets is no list', { addons: [{}] }],
    ['target is no object', { addons: [{ targets: ['x'] }] }],
    ['size is no object', { addons: [{ targets: [{ size: 'x' }] }] }],
  ])('is refused where its %s', (why, parts) => {
    expect(() => readReport(parts)).toThrow(why)
  })
})
