import { setImmediate } from 'node:timers/promises'
import { defaultLimits, type Limits } from '../../src/image/limits.ts'
import { Meter } from '../../src/image/meter.ts'

const meterOf = (limits: Partial<Limits>) => new Meter({ ...defaultLimits, ...limits })
const tooMuch = (what: string) => `The image has more than ${what}, so what is in it was not measured.`

test('counts the entries of all layers', () => {
  const meter = meterOf({ entries: 2 })
  meter.entry('a', undefined, undefined)
  meter.entry('b', undefined, undefined)
  expect(() => meter.entry('c', undefined, undefined)).toThrow(tooMuch('2 entries'))
})

test.each<[string, (meter: Meter) => unknown]>([
  ['paths', (meter) => meter.entry('12345', undefined, undefined)],
  ['targets of hard links', (meter) => meter.entry('', '12345', undefined)],
  ['targets of symbolic links', (meter) => meter.entry('1', '2', '345')],
  ['details of notes', (meter) => meter.note({ kind: 'secret', detail: '12345' })],
  ['what a script needs', (meter) => meter.note({ kind: 'program', program: { interpreter: '123', argument: '45' } })],
])('counts the characters of %s', (_, add) => {
  add(meterOf({ pathText: 5 }))
  const meter = meterOf({ pathText: 9 })
  add(meter)
  expect(() => add(meter)).toThrow(tooMuch('9 characters of paths and notes'))
})

test('a note without text takes no room for text', () => {
  const meter = meterOf({ pathText: 0 })
  expect(meter.note({ kind: 'setuid' })).toBe(true)
  expect(meter.note({ kind: 'program', program: { machine: 'arm64' } })).toBe(true)
})

test('has room for so many notes and refuses no image for more', () => {
  const meter = meterOf({ notes: 2, pathText: 20 })
  const note = { kind: 'secret', detail: '0123456789' } as const
  expect([meter.note(note), meter.note(note), meter.note(note), meter.note(note)]).toEqual([true, true, false, false])
})

test('counts the bytes of package databases', () => {
  const meter = meterOf({ databases: 10 })
  meter.database(4)
  meter.database(6)
  expect(() => meter.database(1)).toThrow(tooMuch('10 bytes of package databases'))
})

test('counts packages, and the files that they list', () => {
  const fact = { manager: 'apk', name: 'a', version: '1' } as const
  const packages = meterOf({ packages: 2 })
  packages.fact(fact)
  packages.fact(fact)
  expect(() => packages.fact(fact)).toThrow(tooMuch('2 packages'))
  const files = meterOf({ listedFiles: 3 })
  files.fact({ ...fact, files: ['a', 'b'] })
  files.fact(fact)
  files.fact({ ...fact, files: ['c'] })
  expect(() => files.fact({ ...fact, files: ['d'] })).toThrow(tooMuch('3 files in lists of packages'))
})

describe('room', () => {
  const limits = { ...defaultLimits, small: 2 }
  const add = (meter: Meter, entries: number, text = '') => {
    for (let index = 0; index < entries; index++) meter.entry(text, undefined, undefined)
    return meter
  }
  const large = () => add(new Meter(limits), 3)
  /** Whether it still waits when all that could go on did. */
  const waits = async (work: Promise<unknown>) => {
    const first = await Promise.race([work.then(() => 'done'), setImmediate('waits')])
    return first === 'waits'
  }

  test('large images are read one after the other, in the order in which they turned out to be large', async () => {
    const [first, second, third] = [large(), large(), large()]
    expect(await waits(first.room())).toBe(false)
    const later = [second.room(), third.room()] as const
    expect([await waits(later[0]), await waits(later[1])]).toEqual([true, true])
    // Its own further pieces have room.
    expect(await waits(first.room())).toBe(false)
    first.release()
    expect([await waits(later[0]), await waits(later[1])]).toEqual([false, true])
    second.release()
    expect(await waits(later[1])).toBe(false)
    third.release()
  })

  test.each<[string, Meter, boolean]>([
    ['few entries', add(new Meter(limits), 2), false],
    ['more entries', large(), true],
    ['little text', add(new Meter(limits), 2, 'x'.repeat(100)), false],
    ['more text', add(new Meter(limits), 1, 'x'.repeat(201)), true],
  ])('an image of %s', async (_, meter, expected) => {
    const other = large()
    await other.room()
    const room = meter.room()
    const found = await waits(room)
    other.release()
    await room
    meter.release()
    expect(found).toBe(expected)
  })

  test('one that waits can be cancelled, and does not stop others', async () => {
    const [first, second, third] = [large(), large(), large()]
    await first.room()
    const controller = new AbortController()
    const room = second.room(controller.signal)
    controller.abort(new Error('cancelled'))
    await expect(room).rejects.toThrow('cancelled')
    second.release()
    first.release()
    await third.room(new AbortController().signal)
    third.release()
  })

  test('a small image has nothing to give back', () => {
    expect(() => new Meter(limits).release()).not.toThrow()
  })
})
