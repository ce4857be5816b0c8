import dockerignore from '@balena/dockerignore'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { pathMatcher, patternLimits, readIgnoreFile } from '../../src/context/ignore-patterns.ts'

const ignores = (file: string, path: string): boolean => pathMatcher(readIgnoreFile(file)).matches(path)

/** moby/patternmatcher, Pattern.compile, line by line; Go's regular expressions are those of RE2. */
function mobyMatches(pattern: string, path: string): boolean {
  let expression = '^'
  let kind: 'exact' | 'prefix' | 'suffix' | 'regexp' = 'exact'
  for (let at = 0, round = 0; at < pattern.length; round += 1) {
    const character = pattern[at++] as string
    if (character === '*' && pattern[at] === '*') {
      at += 1
      if (pattern[at] === '/') at += 1
      if (at === pattern.length) {
        if (kind === 'exact') kind = 'prefix'
        else {
          expression += '.*'
          kind = 'regexp'
        }
      } else {
        expression += '(.*/)?'
        kind = 'regexp'
      }
      if (round === 0) kind = 'suffix'
    } else if (character === '*') {
      expression += '[^/]*'
      kind = 'regexp'
    } else if (character === '?') {
      expression += '[^/]'
      kind = 'regexp'
    } else if ('.+()|{}$'.includes(character)) expression += `\\${character}`
    else if (character === '\\') {
      expression += `\\${pattern[at++]}`
      kind = 'regexp'
    } else {
      expression += character
      if (character === '[' || character === ']') kind = 'regexp'
    }
  }
  if (kind === 'exact') return path === pattern
  if (kind === 'prefix') return path.startsWith(pattern.slice(0, -2))
  if (kind === 'suffix') {
    const suffix = pattern.slice(2)
    return path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1))
  }
  return RE2JS.compile(`${expression}$`).matches(path)
}

/** moby/patternmatcher, MatchesOrParentMatches. */
function mobyIgnores(patterns: readonly string[], path: string): boolean {
  const parts = path.split('/')
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  let matched = false
  for (const pattern of patterns) {
    const isException = pattern.startsWith('!')
    if (isException === matched && paths.some((one) => mobyMatches(pattern.slice(isException ? 1 : 0), one))) {
      matched = !isException
    }
  }
  return matched
}

describe('readIgnoreFile', () => {
  test.each([
    ['comments and empty lines', '#a\n\n  \nb\n', ['b']],
    ['a "#" after a blank as a name', ' #a', ['#a']],
    ['blanks around a pattern', '  a b \t\r\n', ['a b']],
    ['a byte order mark', '\ufeffa', ['a']],
    ['a leading slash', '/a\n!/b\n/', ['a', '!b', '/']],
    ['dots and slashes', './a/\na//b/./c/../d\n..\n.', ['a', 'a/b/d', '..', '.']],
    ['an exception', '! /a/', ['!a']],
  ])('reads %s', (_, text, expected) => {
    expect(readIgnoreFile(text)).toEqual(expected)
  })

  test('refuses a file that is longer than any real one', () => {
    expect(() => readIgnoreFile('a\n'.repeat(patternLimits.characters))).toThrow(/longer than/)
  })
})

describe('pathMatcher', () => {
  // Source: moby/patternmatcher, patternmatcher_test.go, TestMatches.
  test.each([
    ['**', 'file', true],
    ['**', 'dir/file', true],
    ['**/', 'file', true],
    ['**/', 'dir/file', true],
    ['**/**', 'dir/file', true],
    ['dir/**', 'dir/file', true],
    ['dir/**', 'dir/dir2/file', true],
    ['**/dir2/*', 'dir/dir2/file', true],
    ['**/dir2/*', 'dir/dir2/dir2/file', true],
    ['**/dir2/**', 'dir/dir2/dir2/file', true],
    ['**file', 'file', true],
    ['**file', 'dir/file', true],
    ['**/file', 'dir/file', true],
    ['**file', 'dir/dir/file', true],
    ['**/file*', 'dir/dir/file.txt', true],
    ['**/file*txt', 'dir/dir/file.txt', true],
    ['**/file*.txt*', 'dir/dir/file.txt', true],
    ['**/**/*.txt', 'dir/dir/file.txt', true],
    ['**/**/*.txt2', 'dir/dir/file.txt', false],
    ['**/*.txt', 'file.txt', true],
    ['**/**/*.txt', 'file.txt', true],
    ['a**/*.txt', 'a/file.txt', true],
    ['a**/*.txt', 'a/dir/file.txt', true],
    ['a/*.txt', 'a/dir/file.txt', false],
    ['a/**/*.txt', 'a/dir/dir/file.txt', true],
    ['a/**/*.txt', 'a/file.txt', true],
    ['a[b-d]e', 'ae', false],
    ['a[b-d]e', 'ace', true],
    ['a[^b-d]e', 'aze', true],
    ['.*', '.foo', true],
    ['.*', 'foo', false],
    ['abc.def', 'abcdef', false],
    ['abc.def', 'abcZdef', false],
    ['abc?def', 'abcZdef', true],
    ['abc?def', 'abcdef', false],
    ['a\\*b', 'a*b', true],
    ['**/foo/bar', 'foo/bar', true],
    ['**/foo/bar', 'dir/dir2/foo/bar', true],
    ['abc/**', 'abc', false],
    ['abc/**', 'abc/def/ghi', true],
    ['**/.foo', 'bar.foo', false],
    ['a(b)c/def', 'a(b)c/def', true],
    ['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
    [
      'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl',
      'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl',
      true,
    ],
    ['a', 'a/b/c', true],
    ['a/*', 'a/b/c', true],
    ['a[', 'a[', false],
    ['!', 'a', false],
    ['?', '😀', true],
    ['?', '/', false],
    ['a?b', 'a/b', false],
    // Go's classes: a backslash, a range, a dash at the end, and those that are refused.
    ['[\\]]x', ']x', true],
    ['[\\]]x', 'x', false],
    ['[\\a-\\c]x', 'bx', true],
    ['[\\a-\\c]x', '-x', false],
    ['[a-]x', '-x', true],
    ['[a-]x', 'ax', true],
    ['[a-]x', 'bx', false],
    ['[^a-c]x', 'bx', false],
    ['[^a-c]x', '^x', true],
    ['[a^]x', '^x', true],
    ['[b-d]x', 'ax', false],
    ['[b-d]x', 'bx', true],
    ['[b-d]x', 'dx', true],
    ['[b-d]x', 'ex', false],
    ['[acx-z]q', 'cq', true],
    ['[acx-z]q', 'yq', true],
    ['[acx-z]q', 'bq', false],
    ['[]x', 'x', false],
    ['[]x', ']x', false],
    ['[]', '', false],
    ['[c-a]x', 'bx', false],
    ['[c-a]x', 'cx', false],
    ['[^c-a]x', 'bx', false],
    ['[^]x', 'ax', false],
    ['[a', 'a', false],
    ['[a-', 'a', false],
    ['[\\', '\\', false],
    ['[^', '^', false],
    ['a\\', 'a', false],
    ['a\\', 'a\\', false],
    ['\\a\\?', 'a?', true],
    ['\\a\\?', 'ab', false],
  ])('%j and %j: %j', (pattern, path, expected) => {
    expect(ignores(pattern, path)).toBe(expected)
  })

  test.each([
    ['the last pattern that matches', '*.md\n!README.md', 'README.md', false],
    ['the last pattern that matches', '!README.md\n*.md', 'README.md', true],
    ['an exception within an excluded folder', 'a\n!a/b', 'a/b/c', false],
    ['an exception of a folder above', '**/x\n!a', 'a/x', false],
  ])('goes by %s', (_, file, path, expected) => {
    expect(ignores(file, path)).toBe(expected)
  })

  const part = fc.constantFrom(
    'a',
    'b',
    'ab',
    '*',
    '**',
    '?',
    'a*',
    '*b',
    '*a*',
    '[ab]',
    '[^a]',
    '[a-c]x',
    '\\*',
    'a**',
    '**b',
    '.a',
    'é',
  )
  const pattern = fc
    .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
    .map(([isException, parts]) => `${isException ? '!' : ''}${parts.join('/')}`)
  const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'bx', 'x', '.a', 'é', '*', 'abab')
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'))

  test('matches the same paths as BuildKit', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), fc.array(path, { maxLength: 8 }), (patterns, paths) => {
        const matcher = pathMatcher(patterns)
        expect(paths.map((one) => matcher.matches(one))).toEqual(paths.map((one) => mobyIgnores(patterns, one)))
      }),
      { numRuns: 300 },
    )
  })

  test('matches the same paths as @balena/dockerignore, for patterns without "**" inside a name', () => {
    const plain = fc.array(fc.constantFrom('a', 'b', 'ab', '*', '?', 'a*', '*b', '[ab]', '.a'), {
      minLength: 1,
      maxLength: 3,
    })
    const lines = fc.array(
      fc
        .tuple(fc.constantFrom('', '!'), fc.constantFrom('', '/', '**/'), plain)
        .map(([mark, start, parts]) => `${mark}${start}${parts.join('/')}`),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(lines, path, (file, one) => {
        const theirs = dockerignore.default({ ignorecase: false }).add(file.join('\n'))
        expect(ignores(file.join('\n'), one)).toBe(theirs.ignores(one))
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['*a*a*a*a*a*a*a*a*b', 'a'],
    ['**/a/**/a/**/a/**/b', 'a/'],
    ['(a+)+b', 'a'],
    ['[^b]*[^b]*[^b]*[^b]*b', 'a'],
  ])('compares %j in steps that grow with the path only', (line, unit) => {
    const stepsFor = (length: number): number => {
      const matcher = pathMatcher(readIgnoreFile(line))
      expect(matcher.matches(`${unit.repeat(length / unit.length)}x`)).toBe(false)
      return matcher.steps
    }
    // Of `a/a/…` each folder is compared as well, so a path of twice the length has twice as many comparisons.
    const folders = unit.endsWith('/') ? 2 : 1
    expect(stepsFor(4000)).toBeLessThanOrEqual(stepsFor(2000) * 2 ** folders * 1.1 + 100)
    expect(stepsFor(4000)).toBeLessThanOrEqual(line.length * 4000 * (folders === 2 ? 2000 : 1))
  })

  test('compares 500,000 files with 1,000 patterns within its limit', () => {
    const lines = Array.from(
      { length: 1000 },
      (_, index) => `${['', '**/', 'a/*/', '*.', 'x*y', '!**/*.e'][index % 6]}n${index}`,
    )
    const matcher = pathMatcher(readIgnoreFile(lines.join('\n')))
    for (let file = 0; file < 5000; file += 1) matcher.matches(`src/folder${file % 100}/component/file${file}.ts`)
    expect(matcher.steps * 100).toBeLessThan(patternLimits.steps)
  })

  test('stops if hostile patterns exceed the limit of steps', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `**/*a*b*a*b*${index}*`)
    const matcher = pathMatcher(lines, 1_000_000)
    const match = () => {
      for (let file = 0; file < 1000; file += 1) matcher.matches(`${'ab'.repeat(100)}/${file}x`)
    }
    expect(match).toThrow(
      expect.objectContaining({
        kind: 'input',
        diagnostics: [
          expect.objectContaining({ code: 'context/ignore-file', remedy: expect.stringMatching(/^Remove patterns/) }),
        ],
      }),
    )
    expect(match).toThrow(/too many comparisons/)
    expect(matcher.steps).toBeLessThan(1_100_000)
  })
})
