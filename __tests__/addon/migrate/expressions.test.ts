// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import {
  conditionOf,
  expressionsIn,
  jobsIn,
  mentions,
  onlyExpression,
  replaceExpressions,
  timesUsed,
  uses,
} from '../../../src/addon/migrate/expressions.ts'

describe('expressions of GitHub in a text', () => {
  test.each([
    ['none', 'a }} b', []],
    ['one that has no end', 'a ${{ b', []],
    [
      'two',
      'x ${{ a }}${{b}} y',
      [
        { inner: 'a', from: 2, to: 10 },
        { inner: 'b', from: 10, to: 16 },
      ],
    ],
    ['an empty one', '${{}}', [{ inner: '', from: 0, to: 5 }]],
  ])('are found: %s', (_, text, expected) => {
    expect(expressionsIn(text)).toEqual(expected)
  })

  test.each([
    [' ${{ a.b }}\n', 'a.b'],
    ['${{ a }}x', undefined],
    ['x${{ a }}', undefined],
    ['${{ a }}${{ b }}', undefined],
    ['a', undefined],
  ])('are the whole of %j: %s', (text, expected) => {
    expect(onlyExpression(text)).toBe(expected)
  })

  test('are all replaced, or none if one of them cannot be', () => {
    expect(replaceExpressions('1 ${{ a }} 2 ${{ b }} 3', (inner) => `<${inner}>`)).toBe('1 <a> 2 <b> 3')
    expect(replaceExpressions('${{ a }}${{ b }}', (inner) => (inner === 'b' ? undefined : ''))).toBeUndefined()
    expect(replaceExpressions('none', () => undefined)).toBe('none')
  })

  test.each([
    ["${{ a == 'x' }}", "a == 'x'"],
    ["  a   ==\n 'x' ", "a == 'x'"],
    ['${{a}} b', '${{ a }} b'],
    ['true', 'true'],
  ])('are compared as conditions without what makes no difference: %j', (text, expected) => {
    expect(conditionOf(text)).toBe(expected)
  })

  test.each([
    ['matrix', true],
    ['MATRIX.arch', true],
    ['fromJSON(matrix.x)', true],
    ['my-matrix.arch', false],
    ['matrixes.arch', false],
    ['needs.matrix', false],
    ["'a matrix'", true],
    ["github['matrix'].x", false],
    ["x == matrix['arch']", true],
    ['', false],
  ])('use a context: %j: %s', (expression, expected) => {
    expect(uses(expression, 'matrix')).toBe(expected)
    expect(mentions(`x \${{ github.ref }} \${{ ${expression} }}`, 'matrix')).toBe(expected)
  })

  test.each([
    ["needs['init'].outputs.A", 'needs.Init.outputs.a', 1],
    ["NEEDS[ 'init' ].outputs['a'] + needs.init.outputs.a.b + needs.init", 'needs.init.outputs.a', 2],
    ["needs['init]", 'needs.init', 0],
    ['needs.init', 'needs.init.outputs', 0],
  ])('count a name in any form: %s', (expression, name, times) => {
    expect(timesUsed(expression, name)).toBe(times)
    expect(uses(expression, name)).toBe(times > 0)
  })

  test.each([
    ["needs.A.result == 'x' && needs['b-c'].outputs.x", ['a', 'b-c']],
    ['toJSON(needs)', [undefined]],
    ['x.needs.a + my_needs.a', []],
  ])('name jobs: %s', (expression, jobs) => {
    expect(jobsIn(expression)).toEqual(jobs)
  })

  test('do not include the text around them', () => {
    expect(mentions('matrix.arch ${{ github.ref }}', 'matrix')).toBe(false)
  })
})
