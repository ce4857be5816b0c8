import { defaultLimits, type Limits } from '../../../src/image/limits.ts'
import { Meter } from '../../../src/image/meter.ts'
import { Inspection } from '../../../src/image/readers/inspection.ts'
import type { Inspector } from '../../../src/image/readers/inspector.ts'
import type { TarEntry } from '../../../src/image/tar/tar.ts'

const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  path,
  kind: 'file',
  size: 100,
  mode: 0o644,
  ...more,
})

describe('Inspection', () => {
  const wanting = (wants: number | undefined, seen: string[]): Inspector => ({
    wants: () => wants,
    look: (_, head) => {
      seen.push(head.toString())
      return [{ kind: 'secret', detail: `${head.length}` }]
    },
  })
  const passed = (inspection: Inspection, one: TarEntry, ...chunks: readonly string[]) => {
    inspection.begin(one)
    for (const chunk of chunks) inspection.data(Buffer.from(chunk))
    inspection.end()
  }

  test('gives each inspector as many of the first bytes as it wants, of each member', () => {
    const [none, few, many]: [string[], string[], string[]] = [[], [], []]
    const wants = [wanting(undefined, none), wanting(3, few), wanting(8, many), wanting(0, none)]
    const inspection = new Inspection(wants, new Meter(defaultLimits))
    passed(inspection, entry('a'), 'ab', 'cdef', 'ghij', 'k')
    passed(inspection, entry('b'), 'x')
    expect([none, few, many]).toEqual([
      ['', ''],
      ['abc', 'x'],
      ['abcdefgh', 'x'],
    ])
  })

  test('keeps copies: the buffer of a piece is used again', () => {
    const seen: string[] = []
    const inspection = new Inspection([wanting(4, seen)], new Meter(defaultLimits))
    const piece = Buffer.from('ab')
    inspection.begin(entry('a'))
    inspection.data(piece)
    piece.fill('z')
    inspection.end()
    expect(seen).toEqual(['ab'])
  })

  test('keeps no more of a file than the longest head', () => {
    let kept = 0
    const inspector: Inspector = {
      wants: () => 65_536,
      look: (_, head) => {
        kept = head.buffer.byteLength
        return []
      },
    }
    const inspection = new Inspection([inspector], new Meter(defaultLimits))
    passed(inspection, entry('a'), ...Array<string>(5).fill('x'.repeat(40_000)))
    expect(kept).toBe(65_536)
  })

  const noting = (note: object): Inspector => ({ wants: () => 0, look: () => [note] as ReturnType<Inspector['look']> })
  test('a note says of which member it is', () => {
    const inspection = new Inspection([noting({ kind: 'world-writable' })], new Meter(defaultLimits))
    passed(inspection, entry('a', { size: 7 }))
    passed(inspection, entry('b', { kind: 'directory', size: 0 }))
    expect(inspection.notes).toEqual([
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
    const inspection = new Inspection(notes.map(noting), new Meter(defaultLimits))
    passed(inspection, entry('a'))
    const short = 'x'.repeat(4096)
    expect(inspection.notes).toStrictEqual([
      { kind: 'secret', detail: short, path: 'a', bytes: 100 },
      { kind: 'program', program: { machine: 'arm64', interpreter: short, argument: short }, path: 'a', bytes: 100 },
      { kind: 'program', program: {}, path: 'a', bytes: 100 },
    ])
  })

  test('keeps no more notes than an image may have', () => {
    const limits: Limits = { ...defaultLimits, notes: 2 }
    const inspection = new Inspection([noting({ kind: 'setuid' })], new Meter(limits))
    for (const name of ['a', 'b', 'c']) passed(inspection, entry(name))
    expect(inspection.notes.map(({ path }) => path)).toEqual(['a', 'b'])
  })
})
