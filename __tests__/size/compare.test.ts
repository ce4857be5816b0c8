import { splitByBase, withBase, withBaseOf } from '../../src/size/base.ts'
import { compare } from '../../src/size/compare.ts'
import { baseline, contents, digest, installed, layer, measure, tree, waste } from './measures.ts'

const base = layer('base', 30e6)

describe('compare', () => {
  test('takes before from after, in bytes and percent', () => {
    const comparison = compare(measure([base, layer('new', 20e6)]), baseline(measure([base, layer('old', 10e6)])))
    expect(comparison.download).toMatchObject({ bytes: 10e6, percent: expect.closeTo(25, 1) })
    expect(comparison.onDisk).toMatchObject({ bytes: 30e6 })
    expect(comparison.identical).toBe(false)
  })

  test('is identical with the same manifest, and with the same config and compression', () => {
    const image = measure([base])
    expect(compare(image, baseline(image))).toMatchObject({ identical: true, changes: [], update: { bytes: 0 } })
    expect(compare(image, baseline({ ...image, manifestDigest: digest('copied') })).identical).toBe(true)
  })

  test('is not identical with the same files in another compression', () => {
    const image = measure([base])
    const zstd = measure([{ ...base, compression: 'zstd', digest: digest('z'), download: 20e6 }], {
      configDigest: image.configDigest,
    })
    expect(compare(zstd, baseline(image))).toMatchObject({ identical: false, update: { bytes: 20e6 } })
  })

  test('does not subtract a gzip download from a zstd one, and reports this', () => {
    const zstd = { compression: 'zstd', mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' } as const
    const { download, onDisk, caveats } = compare(
      measure([layer('base', 20e6, zstd)]),
      baseline(measure([layer('base', 30e6)])),
    )
    expect(download).toEqual({ before: { bytes: 30e6 + 1000 }, after: { bytes: 20e6 + 1000 } })
    expect(onDisk.bytes).toBe(-30e6)
    expect(caveats).toEqual(['Download sizes are not compared: the layers are zstd now and were gzip in the baseline.'])
  })

  test('leaves out the difference to a size that is not known', () => {
    const before = measure([base], { onDisk: { unknown: 'only the manifest was read' } })
    const { onDisk } = compare(measure([base, layer('x', 5)]), baseline(before))
    expect(onDisk).toEqual({ before: { unknown: expect.any(String) }, after: { bytes: 90e6 + 15 } })
  })

  test('gives no percentage where the size before is 0', () => {
    expect(compare(measure([base]), baseline(measure([], { download: 0 }))).download.percent).toBeUndefined()
  })

  test('counts as update what the baseline does not have, each layer once, and the config', () => {
    const fresh = layer('fresh', 7e6)
    const { update } = compare(measure([base, fresh, fresh]), baseline(measure([base, layer('old', 9e6)])))
    expect(update).toEqual({ bytes: 7e6 + 1000 })
  })

  test('knows no update of an archive with uncompressed layers', () => {
    const archive = measure([{ ...base, compression: 'none' }], { method: 'archive' })
    expect(compare(archive, baseline(measure([base]))).update).toHaveProperty('unknown')
  })

  test('separates an updated base image from own layers that grew', () => {
    const diffIds = (name: string) => [digest(`diff ${name}`)]
    const after = withBase(measure([layer('base2', 40e6), layer('own', 5e6)]), 'b:2', diffIds('base2'))
    const before = withBase(measure([base, layer('own', 5e6)]), 'b:1', diffIds('base'))
    const comparison = compare(after, baseline(before))
    expect(comparison).toMatchObject({ base: { bytes: 10e6 }, own: { bytes: 0 } })
    expect(comparison.changes[0]).toBe(
      '+10.0 MB to download: the base image went from `b:1` to `b:2`, own layers did not change',
    )
  })

  test('leaves base and own out where one of the bases is not known', () => {
    const after = withBase(measure([base]), 'b', [digest('diff base')])
    expect(compare(after, baseline(measure([layer('other', 1)]))).own).toBeUndefined()
  })
})

describe('withBaseOf', () => {
  const after = withBase(measure([layer('base2', 40e6, { createdBy: 'ADD rootfs /' }), layer('own', 5e6)]), 'b', [
    digest('diff base2'),
  ])

  test('finds the base that a published image begins with', () => {
    const before = withBaseOf(measure([layer('base2', 40e6), layer('old', 4e6)]), after)
    expect(before.base).toEqual({ reference: 'b', layers: 1 })
    expect(compare(after, baseline(before)).own).toMatchObject({ bytes: 1e6 })
  })

  test('finds an earlier version of the base by the commands of its steps', () => {
    const before = withBaseOf(measure([layer('base1', 30e6, { createdBy: 'ADD rootfs /' }), layer('own', 5e6)]), after)
    expect(compare(after, baseline(before)).changes).toEqual([
      '+10.0 MB to download: the base image `b` was updated, own layers did not change',
    ])
  })

  test('does not guess where the first steps differ', () => {
    expect(withBaseOf(measure([layer('x', 1), layer('y', 1)]), after).base).toBeUndefined()
  })
})

describe('splitByBase', () => {
  const own = layer('own', 5e6)

  test('gives the base its layers and the author the rest; the two make up the layers of the download', () => {
    const split = splitByBase(withBase(measure([base, own, own]), 'b', [digest('diff base')]))
    expect(split).toEqual({ base: 30e6, own: 5e6 })
  })

  test('does not charge the author for the download of a layer that the base has already', () => {
    const split = splitByBase(withBase(measure([base, base]), 'b', [digest('diff base')]))
    expect(split?.own).toBe(0)
  })

  test.each([
    ['other layers', [digest('diff other')]],
    ['more layers than the image', [digest('diff base'), digest('diff own'), digest('diff more')]],
  ])('knows nothing of a base with %s', (_, diffIds) => {
    expect(splitByBase(withBase(measure([base, own]), 'b', diffIds))).toBeUndefined()
  })
})

describe('the described changes', () => {
  const image = (name: string, more: Parameters<typeof contents>[0]) =>
    measure([base, layer('apk add gcc', 5e6, { line: 14 }), layer(name, 1)], { contents: contents(more) })

  test('name packages that came, went and moved, most bytes first, with the step that brought them', () => {
    const before = image('a', {
      packages: [installed('openssl', '3.1', 5e6), installed('curl', '8', 2e6), installed('zlib', '1', 1e6)],
    })
    const after = image('b', {
      packages: [
        installed('openssl', '3.2', 5.5e6),
        installed('gcc', '13.2', 31e6, { layer: 1 }),
        installed('zlib', '1', 1e6),
      ],
    })
    const { changes, packages } = compare(after, baseline(before))
    expect(changes).toEqual([
      '+31.0 MB: package gcc 13.2 stays in the image, added by `RUN apk add gcc` at Dockerfile line 14',
      '−2.0 MB: package curl 8 was removed',
      '+500.0 kB: package openssl went from 3.1 to 3.2',
    ])
    expect(packages).toHaveLength(3)
  })

  test('count a package that is installed several times once', () => {
    const before = image('a', { packages: [installed('ms', '1.0', 20e3, { manager: 'node' })] })
    const after = image('b', {
      packages: [installed('ms', '1.0', 20e3, { manager: 'node' }), installed('ms', '2.1', 20e3, { manager: 'node' })],
    })
    expect(compare(after, baseline(before)).changes).toEqual(['+20.0 kB: Node package ms went from 1.0 to 1.0, 2.1'])
  })

  test('put many packages into few lines', () => {
    const many = Array.from({ length: 40 }, (_, index) => installed(`p${index}`, '1', 1e6 + index))
    const before = many.map((one) => ({ ...one, version: '0', bytes: 0 }))
    const { changes } = compare(image('b', { packages: many }), baseline(image('a', { packages: before })))
    expect(changes).toHaveLength(13)
    expect(changes).toContain('+28.0 MB: 28 further packages')
  })

  test('name the folder or file that grew', () => {
    const before = image('a', { tree: tree({ opt: { app: { code: 50e3 } }, etc: { hosts: 20e3 } }) })
    const after = image('b', { tree: tree({ opt: { app: { code: 50e3, 'model.bin': 9e6 } }, etc: { hosts: 20e3 } }) })
    expect(compare(after, baseline(before)).changes).toEqual(['+9.0 MB: opt/app/model.bin is new, made by `RUN base`'])
  })

  test('leave out files that only moved', () => {
    const before = image('a', { tree: tree({ opt: { 'model.bin': 9e6 } }) })
    const after = image('b', { tree: tree({ srv: { 'model.bin': 9e6 }, opt: { other: 4e6 } }) })
    expect(compare(after, baseline(before)).changes).toEqual(['+4.0 MB: opt/other is new, made by `RUN base`'])
  })

  test('name the folder where many files grew a little', () => {
    const files = (bytes: number) => Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, bytes]))
    const before = image('a', { tree: tree({ opt: { data: files(10e3) } }) })
    const after = image('b', { tree: tree({ opt: { data: files(30e3) } }) })
    expect(compare(after, baseline(before)).changes).toEqual(['+600.0 kB: opt/data grew to 900.0 kB by `RUN base`'])
  })

  test('summarise a step in one line, and mention build tools that remain', () => {
    const tools = [
      installed('gcc', '13.2', 130e6, { layer: 1 }),
      installed('binutils', '2.41', 9e6, { layer: 1 }),
      installed('isl26', '0.26', 2e6, { layer: 1 }),
      installed('zstd-libs', '1.5', 5e3, { layer: 1 }),
    ]
    const { changes } = compare(image('b', { packages: tools }), baseline(image('a', {})))
    expect(changes).toEqual([
      '+141.0 MB: 4 packages stay in the image, added by `RUN apk add gcc` at Dockerfile line 14: gcc 13.2 (130.0 MB), binutils 2.41 (9.0 MB), isl26 0.26 (2.0 MB) and 1 more',
    ])
    expect(compare(image('a', {}), baseline(image('b', { packages: tools }))).changes).toEqual([
      '−141.0 MB: 4 packages were removed: gcc 13.2 (130.0 MB), binutils 2.41 (9.0 MB), isl26 0.26 (2.0 MB) and 1 more',
    ])
  })

  test('mark changes in the base image', () => {
    const known = { base: { reference: 'b', layers: 1 } }
    const packages = (version: string) => [
      installed('openssl', version, version === '3.2' ? 6e6 : 5e6, { layer: 0 }),
      installed('musl', version, version === '3.2' ? 2e6 : 1e6, { layer: 0 }),
    ]
    const after = { ...image('b', { packages: packages('3.2') }), ...known }
    const before = { ...image('a', { packages: packages('3.1') }), ...known }
    expect(compare(after, baseline(before)).changes).toEqual([
      '+2.0 MB: 2 packages changed in the base image: musl 3.2 (1.0 MB), openssl 3.2 (1.0 MB)',
    ])
  })

  test('do not list files of packages', () => {
    // One large file and many small ones, which the tree does not list.
    const file = { name: 'a.so', bytes: 5e6, layer: 0, package: 0 }
    const owned = { name: '', bytes: 6e6, files: 400, packaged: 6e6, children: [file] }
    const packages = [installed('a', '1', 6e6)]
    const { changes } = compare(image('b', { tree: owned, packages }), baseline(image('a', { tree: tree({}) })))
    expect(changes).toEqual(['+6.0 MB: package a 1 was added'])
  })

  test('name new waste, with the layers that wrote and hid it', () => {
    const before = image('rm -rf doc', { waste: [waste('var/cache', 3e6)] })
    const after = image('rm -rf doc', {
      waste: [waste('usr/share/doc', 8e6, { writtenBy: 1, hiddenBy: 2, files: 400 }), waste('var/cache', 3e6)],
    })
    expect(
      compare(after, {
        ...baseline(before),
        measure: { ...before, manifestDigest: digest('x'), configDigest: digest('y') },
      }).changes,
    ).toEqual([
      '+8.0 MB: stored but hidden: usr/share/doc (400 files), written by `RUN apk add gcc` at Dockerfile line 14, deleted by `RUN rm -rf doc`',
    ])
  })

  test('name layers if only the manifest of the baseline is known', () => {
    const before = measure([base, layer('pip install', 9e6), layer('gone', 2e6)])
    const again = layer('pip install', 12e6, { digest: digest('again'), diffId: digest('again') })
    const { changes } = compare(measure([base, again, layer('new', 4e6)]), baseline(before))
    expect(changes).toEqual([
      '+4.0 MB to download: a new layer of `RUN new`',
      '+3.0 MB to download: the layer of `RUN pip install` changed',
      '−2.0 MB to download: the layer of `RUN gone` is gone',
    ])
  })

  test('keep hostile names in one line, without marks that turn text around', () => {
    const { changes } = compare(
      image('b', { packages: [installed('evil\n::error::x\u202egnp.exe\u0007', '1', 2e6)] }),
      baseline(image('a', {})),
    )
    expect(changes).toEqual(['+2.0 MB: package evil ::error::x?gnp.exe? 1 was added'])
  })
})
