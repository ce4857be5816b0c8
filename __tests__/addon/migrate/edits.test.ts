import { applyEdits, type Edit, lineEndOf, overlaps } from '../../../src/addon/migrate/edits.ts'

describe('edits of a text', () => {
  const insert = (at: number, text: string): Edit => ({ from: at, to: at, text })

  test.each<[string, readonly Edit[], string]>([
    ['are made in the order of their places', [insert(6, '!'), { from: 0, to: 1, text: 'A' }], 'Abcdef!'],
    [
      'at one place insert before they replace, in the order given',
      [{ from: 2, to: 4, text: 'X' }, insert(2, '1'), insert(2, '2')],
      'ab12Xef',
    ],
    [
      'may remove what another removes',
      [
        { from: 1, to: 4, text: '' },
        { from: 2, to: 3, text: '' },
        { from: 3, to: 5, text: '' },
      ],
      'af',
    ],
    [
      'may touch each other',
      [
        { from: 1, to: 3, text: 'X' },
        { from: 3, to: 4, text: 'Y' },
      ],
      'aXYef',
    ],
  ])('%s', (_, edits, expected) => {
    expect(overlaps(edits)).toBe(false)
    expect(applyEdits('abcdef', edits)).toBe(expected)
  })

  test.each<[string, readonly Edit[]]>([
    ['a replacement in what is removed', [{ from: 1, to: 4, text: '' }, insert(2, 'x')]],
    [
      'a replacement after a short removal in a long one',
      [{ from: 0, to: 5, text: '' }, { from: 1, to: 2, text: '' }, insert(3, 'x')],
    ],
    [
      'two replacements of one text',
      [
        { from: 1, to: 4, text: 'x' },
        { from: 3, to: 5, text: 'y' },
      ],
    ],
  ])('cannot be made where there is %s', (_, edits) => {
    expect(overlaps(edits)).toBe(true)
    expect(() => applyEdits('abcdef', edits)).toThrow('edits overlap')
  })

  test('use the line end of the text', () => {
    expect([lineEndOf('a\r\nb'), lineEndOf('a\nb'), lineEndOf('a')]).toEqual(['\r\n', '\n', '\n'])
  })
})
