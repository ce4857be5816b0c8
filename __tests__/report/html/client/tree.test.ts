import {
  byFolder,
  byLayer,
  byPackage,
  byWaste,
  type Item,
  mergeTrees,
  pathOf,
  search,
} from '../../../../src/report/html/client/tree.ts'

/** Name, before, after, note, layer and children of an item, without its parent. */
const plain = ({ name, before, after, note, layer, children }: Item): unknown => ({
  ...{ name, before, after, note, layer },
  children: children?.map(plain) ?? null,
})
const leaf = (name: string, before: number, after: number, layer = -1, note = '') => ({
  ...{ name, before, after, note, layer },
  children: null,
})
const branch = (name: string, before: number, after: number, children: readonly unknown[]) => ({
  ...{ name, before, after, note: '', layer: -1 },
  children,
})

describe('two trees in one', () => {
  const merged = (before: unknown, after: unknown) => plain(mergeTrees(before as never, after as never))

  test.each<[string, unknown, unknown, unknown]>([
    ['a file that changed', ['x', 5, 1, -1], ['x', 9, 2, -1], leaf('x', 5, 9, 2)],
    ['a file that came', undefined, ['x', 9, 2, -1], leaf('x', 0, 9, 2)],
    ['a file that went', ['x', 5, 1, -1], undefined, leaf('x', 5, 0)],
    ['nothing at all', undefined, undefined, leaf('', 0, 0)],
    [
      'files that stay, come and go',
      [
        'd',
        8,
        [
          ['a', 5, 0, -1],
          ['b', 3, 0, -1],
        ],
      ],
      [
        'd',
        10,
        [
          ['c', 4, 1, -1],
          ['a', 6, 1, -1],
        ],
      ],
      branch('d', 8, 10, [leaf('c', 0, 4, 1), leaf('a', 5, 6, 1), leaf('b', 3, 0)]),
    ],
    ['a folder that came', undefined, ['d', 4, [['c', 4, 1, -1]]], branch('d', 0, 4, [leaf('c', 0, 4, 1)])],
    ['a folder that went', ['d', 4, [['c', 4, 1, -1]]], undefined, branch('d', 4, 0, [leaf('c', 4, 0)])],
    [
      'files that are not listed',
      ['d', 7, [['a', 5, 0, -1]]],
      ['d', 9, [['a', 5, 0, -1]]],
      branch('d', 7, 9, [leaf('a', 5, 5, 0), leaf('small files', 2, 4, -1, 'not listed individually')]),
    ],
    [
      'a file that became a folder',
      ['d', 7, 0, -1],
      ['d', 9, [['a', 9, 0, -1]]],
      branch('d', 7, 9, [leaf('a', 0, 9, 0), leaf('as a file', 7, 0)]),
    ],
    [
      'a folder that became a file',
      ['d', 9, [['a', 9, 0, -1]]],
      ['d', 7, 0, -1],
      branch('d', 9, 7, [leaf('a', 9, 0), leaf('as a file', 0, 7)]),
    ],
    [
      'a folder that weighs less than it holds',
      undefined,
      ['d', 1, [['a', 9, 0, -1]]],
      branch('d', 0, 1, [leaf('a', 0, 9, 0)]),
    ],
    ['a folder without anything', ['d', 0, []], ['d', 0, []], branch('d', 0, 0, [])],
  ])('%s', (_, before, after, made) => expect(merged(before, after)).toEqual(made))

  test('each part knows where it is', () => {
    const root = mergeTrees(undefined, ['d', 9, [['e', 9, [['a', 9, 0, -1]]]]])
    const [inner] = root.children ?? []
    expect([root.parent, inner?.parent, inner?.children?.[0]?.parent]).toEqual([null, root, inner])
    expect([root, inner, inner?.children?.[0]].map((one) => one && pathOf(one))).toEqual(['', 'e', 'e/a'])
  })

  test('the root has one name, with any names in the images', () => {
    const side = (name: string) => ({ tree: [name, 1, []], packages: [], layers: [] })
    expect(byFolder({ name: 'x', before: side('a'), after: side('b') } as never).name).toBe('/')
    expect(plain(byFolder({ name: 'x', after: { packages: [], layers: [] } } as never))).toEqual(leaf('/', 0, 0))
  })
})

describe('packages of both images', () => {
  const of = (before: readonly unknown[] | undefined, after: readonly unknown[]) =>
    plain(byPackage({ ...(before && { before: { packages: before } }), after: { packages: after } } as never))

  test('have their versions, bytes and current layer', () => {
    expect(
      of(
        [
          ['apk', 'gone', '1', 3, 0],
          ['apk', 'same', '1', 3, 0],
          ['apk', 'newer', '1', 3, 0],
          ['python', 'twice', '1', 3, 0],
          ['python', 'twice', '2', 4, 0],
        ],
        [
          ['apk', 'same', '1', 4, 1],
          ['apk', 'newer', '2', 5, 2],
          ['apk', 'came', '7', 6, 3],
          ['python', 'twice', '3', 1, 1],
        ],
      ),
    ).toEqual(
      branch('/', 16, 16, [
        branch('apk', 9, 15, [
          leaf('gone', 3, 0, -1, '1, removed'),
          leaf('same', 3, 4, 1, '1'),
          leaf('newer', 3, 5, 2, '1 → 2'),
          leaf('came', 0, 6, 3, '7'),
        ]),
        branch('python', 7, 1, [leaf('twice', 7, 1, 1, '1, 2 → 3')]),
      ]),
    )
    expect(of(undefined, [['apk', 'a', '1', 1, 0]])).toEqual(
      branch('/', 0, 1, [branch('apk', 0, 1, [leaf('a', 0, 1, 0, '1')])]),
    )
  })
})

describe('layers of both images', () => {
  const layer = (id: string, download: number, onDisk: number | null) => [
    id,
    `RUN ${id}`,
    download,
    onDisk,
    `line ${id}`,
  ]
  const of = (before: readonly unknown[] | undefined, after: readonly unknown[], tree?: unknown) =>
    plain(
      byLayer({
        ...(before && { before: { layers: before, packages: [] } }),
        after: { layers: after, packages: [], ...(tree !== undefined && { tree }) },
      } as never),
    )
  const hidden = 'deleted or overwritten by a later layer, or too small to be listed'

  test('are known by their content, and weigh what is known of them', () => {
    expect(
      of([layer('a', 1, 5), layer('b', 2, 6), layer('c', 4, null)], [layer('a', 1, 5), layer('d', 3, null)]),
    ).toEqual(
      branch('/', 15, 8, [
        leaf('1 RUN a', 5, 5, 0, 'line a; unchanged, 1 B to download'),
        leaf('2 RUN d', 0, 3, 1, 'line d; new, 3 B to download'),
        leaf('RUN b', 6, 0, -1, 'removed, was 2 B to download'),
        leaf('RUN c', 4, 0, -1, 'removed, was 4 B to download'),
      ]),
    )
  })

  test('are neither new nor old where nothing is compared', () => {
    expect(of(undefined, [layer('a', 1, 5)])).toEqual(
      branch('/', 0, 5, [leaf('1 RUN a', 0, 5, 0, 'line a; 1 B to download')]),
    )
  })

  test('hold their files, and what is hidden or small', () => {
    const tree = [
      '',
      20,
      [
        ['x', 7, 0, -1],
        [
          'd',
          13,
          [
            ['y', 4, 0, -1],
            ['z', 9, 1, -1],
          ],
        ],
      ],
    ]
    expect(of([layer('a', 1, 12)], [layer('a', 1, 12), layer('b', 2, 9)], tree)).toEqual(
      branch('/', 12, 21, [
        {
          ...leaf('1 RUN a', 12, 12, 0, 'line a; unchanged, 1 B to download'),
          children: [
            leaf('x', 7, 7, 0),
            branch('d', 4, 4, [leaf('y', 4, 4, 0)]),
            leaf('hidden or small', 1, 1, 0, hidden),
          ],
        },
        {
          ...leaf('2 RUN b', 0, 9, 1, 'line b; new, 2 B to download'),
          children: [branch('d', 0, 9, [leaf('z', 0, 9, 1)])],
        },
      ]),
    )
  })

  test('weigh at least what is listed of them, and new ones had nothing hidden before', () => {
    const tree = ['', 9, [['z', 9, 0, -1]]]
    expect(of([], [layer('a', 5, 4)], tree)).toEqual(
      branch('/', 0, 9, [
        { ...leaf('1 RUN a', 0, 9, 0, 'line a; new, 5 B to download'), children: [leaf('z', 0, 9, 0)] },
      ]),
    )
    expect(of([], [layer('a', 5, 10)], tree)).toMatchObject({
      children: [{ children: [leaf('z', 0, 9, 0), leaf('hidden or small', 0, 1, 0, hidden)] }],
    })
  })
})

describe('wasted bytes', () => {
  const layers = ['one', 'two', 'three'].map((place) => ['id', 'RUN', 1, 1, place])
  const of = (after: readonly unknown[], before?: readonly unknown[]) =>
    plain(
      byWaste({
        ...(before && { before: { waste: before, layers, packages: [] } }),
        after: { waste: after, layers, packages: [] },
      } as never),
    )

  test.each([
    ['deleted', 'deleted'],
    ['overwritten', 'replaced'],
    ['metadata-only', 'same content, different owner or mode'],
    ['another', 'another'],
  ])('show the reason %s', (reason, said) => {
    expect(of([['a/b', 5, reason, 0, 1]])).toEqual(
      branch('/', 0, 5, [branch('a', 0, 5, [leaf('b', 0, 5, 1, `${said}: written by one, hidden by two`)])]),
    )
  })

  test('of a place that was wasted twice are two, and a folder of that name is another', () => {
    expect(
      of([
        ['a', 5, 'deleted', 0, 1],
        ['a', 6, 'deleted', 1, 2],
        ['a/b', 7, 'deleted', 0, 2],
      ]),
    ).toEqual(
      branch('/', 0, 18, [
        branch('a', 0, 11, [
          leaf('until layer 2', 0, 5, 1, 'deleted: written by one, hidden by two'),
          leaf('until layer 3', 0, 6, 2, 'deleted: written by two, hidden by three'),
        ]),
        branch('a', 0, 7, [leaf('b', 0, 7, 2, 'deleted: written by one, hidden by three')]),
      ]),
    )
  })

  test('show the reason for any path', () => {
    const note = 'deleted: written by one, hidden by two'
    expect(of([['', 5, 'deleted', 0, 1]])).toEqual(branch('/', 0, 5, [leaf('/', 0, 5, 1, note)]))
    expect(of([['a /b ', 5, 'deleted', 0, 1]])).toEqual(
      branch('/', 0, 5, [branch('a ', 0, 5, [leaf('b ', 0, 5, 1, note)])]),
    )
  })

  test('that are gone are marked, and unknown layers have no location', () => {
    expect(of([], [['a', 5, 'deleted', 0, 1]])).toEqual(branch('/', 5, 0, [leaf('a', 5, 0, -1, 'no longer wasted')]))
    expect(of([['a', 5, 'deleted', 8, 9]])).toEqual(
      branch('/', 0, 5, [leaf('a', 0, 5, 9, 'deleted: written by , hidden by ')]),
    )
  })

  test('are none where contents were not read', () => {
    expect(plain(byWaste({ after: { layers, packages: [] } } as never))).toEqual(branch('/', 0, 0, []))
  })
})

describe('what is searched', () => {
  const root = mergeTrees(
    ['', 30, [['Gone', 30, 0, -1]]],
    [
      '',
      27,
      [
        [
          'a',
          12,
          [
            ['lib', 5, 0, -1],
            ['other', 7, [['LIBc', 7, 0, -1]]],
          ],
        ],
        ['liba', 15, 0, -1],
      ],
    ],
  )
  const names = (query: string) => search(root, query).map(({ name }) => name)

  test('is found in any case, heaviest first, in either image', () => {
    expect(names('lib')).toEqual(['liba', 'LIBc', 'lib'])
    expect(names('GONE')).toEqual(['Gone'])
    expect(names('r/lib')).toEqual(['LIBc'])
    expect(names('a/o')).toEqual(['other'])
    expect(names('nothing')).toEqual([])
    expect(names('')).toEqual(['Gone', 'liba', 'a'])
  })
})
