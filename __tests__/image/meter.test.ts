import { defaultLimits, type Limits } from '../../src/image/limits.ts'
import { Meter } from '../../src/image/meter.ts'

const meterOf = (limits: Partial<Limits>) => new Meter({ ...defaultLimits, ...limits })
const tooMuch = (what: string) => `The image has more than ${what}, so it was not measured.`

test('counts the entries of all layers', () => {
  const meter = meterOf({ entries: 2 })
  meter.addEntry('a', undefined, undefined)
  meter.addEntry('b', undefined, undefined)
  expect(() => meter.addEntry('c', undefined, undefined)).toThrow(tooMuch('2 entries'))
})

test.each<[string, (meter: Meter) => unknown]>([
  ['paths', (meter) => meter.addEntry('12345', undefined, undefined)],
  ['targets of hard links', (meter) => meter.addEntry('', '12345', undefined)],
  ['targets of symbolic links', (meter) => meter.addEntry('1', '2', '345')],
  ['details of notes', (meter) => meter.addNote({ kind: 'secret', detail: '12345' })],
  [
    'what a script needs',
    (meter) => meter.addNote({ kind: 'program', program: { interpreter: '123', argument: '45' } }),
  ],
])('counts the characters of %s', (_, add) => {
  add(meterOf({ pathText: 5 }))
  const meter = meterOf({ pathText: 9 })
  add(meter)
  expect(() => add(meter)).toThrow(tooMuch('9 characters of paths and notes'))
})

test('a note without text takes no room for text', () => {
  const meter = meterOf({ pathText: 0 })
  expect(meter.addNote({ kind: 'setuid' })).toBe(true)
  expect(meter.addNote({ kind: 'program', program: { machine: 'arm64' } })).toBe(true)
})

test('has room for so many notes and refuses no image for more', () => {
  const meter = meterOf({ notes: 2, pathText: 20 })
  const note = { kind: 'secret', detail: '0123456789' } as const
  expect([meter.addNote(note), meter.addNote(note), meter.addNote(note), meter.addNote(note)]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('counts the bytes of package databases', () => {
  const meter = meterOf({ databases: 10 })
  meter.addDatabase(4)
  meter.addDatabase(6)
  expect(() => meter.addDatabase(1)).toThrow(tooMuch('10 bytes of package databases'))
})

test('counts packages, and the files that they list', () => {
  const fact = { manager: 'apk', name: 'a', version: '1' } as const
  const packages = meterOf({ packages: 2 })
  packages.addPackage(fact)
  packages.addPackage(fact)
  expect(() => packages.addPackage(fact)).toThrow(tooMuch('2 packages'))
  const files = meterOf({ listedFiles: 3 })
  files.addPackage({ ...fact, files: ['a', 'b'] })
  files.addPackage(fact)
  files.addPackage({ ...fact, files: ['c'] })
  expect(() => files.addPackage({ ...fact, files: ['d'] })).toThrow(tooMuch('3 files in lists of packages'))
})
