import fc from 'fast-check'
import { sharedChange } from '../../src/addon/shared-changes.ts'
import { anyText } from '../fixtures/any-text.ts'

const long = (length: number, end = '') => `${'x/'.repeat(length)}`.slice(0, length - end.length) + end

test.each<[readonly string[], string, boolean]>([
  // Files and folders.
  [['.github/workflows/build.yml'], '.github/workflows/build.yml', true],
  [['.github/workflows/build.yml'], '.github/workflows/build.yml.bak', false],
  [['.github/workflows/build.yml'], '.github/workflows/other.yml', false],
  [['shared'], 'shared/a/b', true],
  [['shared'], 'shared2/a', false],
  [['shared'], 'x/shared/a', false],
  [['.'], 'README.md', true],
  [['a[1]'], 'a[1]', true],
  [['a[1]'], 'a[1]/x', true],
  [['./!odd'], '!odd/x', true],
  [[], 'a', false],
  // Patterns.
  [['.github/workflows/**'], '.github/workflows/build.yml', true],
  [['.github/workflows/**'], '.github/dependabot.yml', false],
  [['**/*.yml'], '.github/workflows/build.yml', true],
  [['*.sh'], 'x/a.sh', false],
  [['scripts/*.sh'], 'scripts/a.sh', true],
  [['lib-*'], 'lib-a/x/y', true],
  [['lib-*'], 'library/x', false],
  [['a', 'b', '*.lock'], 'x.lock', true],
  [['{a,b}/x'], 'b/x', true],
  [['a[1]'], 'a1', true],
  // Exceptions.
  [['shared/**', '!shared/README.md'], 'shared/README.md', false],
  [['shared', '!shared/**/*.md'], 'shared/a/b.md', false],
  [['shared', '!shared/**/*.md'], 'shared/a/b.sh', true],
  [['!shared/docs', 'shared'], 'shared/docs/x', false],
  [['!**'], 'a', false],
  // Only patterns have a limit.
  [['**/*.yml'], long(256, '.yml'), true],
  [['**/*.yml'], long(256), false],
  [['x'], long(5000), true],
  [['y'], long(5000), false],
])('with %j a change of %s concerns all: %s', (paths, file, expected) => {
  expect(sharedChange(paths, [file])?.file).toBe(expected ? file : undefined)
})

test('the first such file is named', () => {
  const files = ['README.md', 'shared/a', 'shared/b']
  expect(sharedChange(['shared'], files)).toEqual({ file: 'shared/a', isTooLong: false })
  expect(sharedChange(['shared', '!shared/a'], files)).toEqual({ file: 'shared/b', isTooLong: false })
})

test('a path that is too long for patterns counts, unless a folder decides', () => {
  const file = long(257)
  expect(sharedChange(['**/*.yml'], [file])).toEqual({ file, isTooLong: true })
  expect(sharedChange(['**/*.yml', 'x'], [file])).toEqual({ file, isTooLong: false })
  expect(sharedChange(['**/*.yml', '!x'], [file])).toBeUndefined()
})

test('names that keep a backtracking engine busy are compared in bounded time', () => {
  const files = Array.from({ length: 20 }, (_, index) => 'abc'.repeat(1000).slice(index))
  expect(sharedChange(['**/*a*b*c*a*b*c*.yml'], files)?.isTooLong).toBe(true)
})

test('any list of files with the one that is named concerns all', () => {
  const names = fc.array(anyText({ maxLength: 40 }), { maxLength: 10 })
  fc.assert(
    fc.property(names, names, (before, after) => {
      const found = sharedChange(
        ['.github/workflows/build.yml', 'no/*'],
        [...before, '.github/workflows/build.yml', ...after],
      )
      expect(found).toBeDefined()
      expect([...before, '.github/workflows/build.yml']).toContain(found?.file)
    }),
  )
})
