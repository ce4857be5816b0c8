import { defaultLimits, type Limits } from '../../../src/image/limits.ts'
import { Meter } from '../../../src/image/meter.ts'
import { LayerReading } from '../../../src/image/readers/layer-reading.ts'
import type { NoteReader } from '../../../src/image/readers/reader.ts'
import type { TarEntry } from '../../../src/image/tar/tar.ts'

const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  path,
  kind: 'file',
  size: 100,
  mode: 0o644,
  ...more,
})

describe('LayerReading', () => {
  const wanting = (wants: number | undefined, seen: string[]): NoteReader => ({
    wants: () => wants,
    read: (_, head) => {
      seen.push(head.toString())
      return [{ kind: 'secret', detail: `${head.length}` }]
    },
  })
  const passed = (reading: LayerReading, one: TarEntry, ...chunks: readonly string[]) => {
    reading.begin(one)
    for (const chunk of chunks) reading.data(Buffer.from(chunk))
    reading.end(one)
  }

  test('passes each reader the requested number of first bytes of each member', () => {
    const [none, few, many]: [string[], string[], string[]] = [[], [], []]
    const wants = [wanting(undefined, none), wanting(3, few), wanting(8, many), wanting(0, none)]
    const reading = new LayerReading({ packages: [], notes: wants }, new Meter(defaultLimits))
    passed(reading, entry('a'), 'ab', 'cdef', 'ghij', 'k')
    passed(reading, entry('b'), 'x')
    expect([none, few, many]).toEqual([
      ['', ''],
      ['abc', 'x'],
      ['abcdefgh', 'x'],
    ])
  })

  test('keeps copies: the buffer of a piece is used again', () => {
    const seen: string[] = []
    const reading = new LayerReading({ packages: [], notes: [wanting(4, seen)] }, new Meter(defaultLimits))
    const piece = Buffer.from('ab')
    reading.begin(entry('a'))
    reading.data(piece)
    piece.fill('z')
    reading.end(entry('a'))
    expect(seen).toEqual(['ab'])
  })

  test('keeps no more of a file than the longest head', () => {
    let kept = 0
    const reader: NoteReader = {
      wants: () => 65_536,
      read: (_, head) => {
        kept = head.buffer.byteLength
        return []
      },
    }
    const reading = new LayerReading({ packages: [], notes: [reader] }, new Meter(defaultLimits))
    passed(reading, entry('a'), ...Array<string>(5).fill('x'.repeat(40_000)))
    expect(kept).toBe(65_536)
  })

  const noting = (note: object): NoteReader => ({
    wants: () => 0,
    read: () => [note] as ReturnType<NoteReader['read']>,
  })
  test('a note contains its member', () => {
    const reading = new LayerReading(
      { packages: [], notes: [noting({ kind: 'world-writable' })] },
      new Meter(defaultLimits),
    )
    passed(reading, entry('a', { size: 7 }))
    passed(reading, entry('b', { kind: 'directory', size: 0 }))
    expect(reading.notes).toEqual([
      { kind: 'world-writable', path: 'a', bytes: 7 },
      { kind: 'world-writable', path: 'b', bytes: 0, folder: true },
    ])
  })

  test('texts of a note are cut at 4096 characters', () => {
    const text = 'x'.repeat(5000)
    const program = { machine: 'arm64', interpreter: text, argument: text }
    const notes = [
      { kind: 'secret', detail: text },
      { kind: 'program', program },
      { kind: 'program', program: {} },
    ]
    const reading = new LayerReading({ packages: [], notes: notes.map(noting) }, new Meter(defaultLimits))
    passed(reading, entry('a'))
    const short = 'x'.repeat(4096)
    expect(reading.notes).toStrictEqual([
      { kind: 'secret', detail: short, path: 'a', bytes: 100 },
      { kind: 'program', program: { machine: 'arm64', interpreter: short, argument: short }, path: 'a', bytes: 100 },
      { kind: 'program', program: {}, path: 'a', bytes: 100 },
    ])
  })

  test('keeps no more notes than an image may have', () => {
    const limits: Limits = { ...defaultLimits, notes: 2 }
    const reading = new LayerReading({ packages: [], notes: [noting({ kind: 'setuid' })] }, new Meter(limits))
    for (const name of ['a', 'b', 'c']) passed(reading, entry(name))
    expect(reading.notes.map(({ path }) => path)).toEqual(['a', 'b'])
  })
})
