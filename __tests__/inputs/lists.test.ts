import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { assignmentLines, items, lines } from '../../src/inputs/lists.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('lists', () => {
  test('support all line ends, comments and blank lines', () => {
    expect(lines('a\r\nb\n\n # c\rd')).toEqual(['a', 'b', 'd'])
    expect(items('a, b\nc,,')).toEqual(['a', 'b', 'c'])
  })

  test('keep any value of a quoted line unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((value) => !value.includes('\r')),
          { minLength: 1 },
        ),
        (values) => {
          const text = values.map((value) => `"K=${value.replaceAll('"', '""')}"`).join('\n')
          expect(take(assignmentLines(text))).toEqual(values.map((value) => `K=${value}`))
        },
      ),
    )
  })
})
