import { describe, expect, test } from '@jest/globals'
import { collectExclusions } from '../../src/context/exclusions.ts'
import { pathMatcher } from '../../src/context/ignore-patterns.ts'

const of = (paths: readonly string[], copied: readonly string[] = []) => {
  const exclusions = collectExclusions(copied)
  for (const path of paths) exclusions.add({ path, bytes: 10 })
  return exclusions.result()
}
const patterns = (...what: Parameters<typeof of>) => of(...what).map(({ pattern }) => pattern)

describe('a file that rarely belongs into an image', () => {
  test.each([
    ['**/.git', ['.git/HEAD', 'sub/.git'], ['.gitignore', 'x.git', 'git/a'], /history/],
    ['**/.env', ['.env', 'app/.env'], ['.env.example', 'a.env', 'env'], /secrets/],
    ['**/*.pem', ['cert.pem', 'a/b.pem'], ['pem', 'a.pem.txt', 'xpem'], /keys/],
    [
      '**/node_modules',
      ['node_modules/a.js', 'a/node_modules/b'],
      ['node_modules2/a', 'my_node_modules'],
      /this machine/,
    ],
    ['**/.venv', ['.venv/bin/python'], ['.venv2/a', 'a.venv'], /this machine/],
    ['**/venv', ['venv/bin/python'], ['venv2/a', 'my-venv/a'], /this machine/],
    ['**/__pycache__', ['a/__pycache__/b'], ['__pycache__2/a', 'a__pycache__'], /Python/],
    ['**/*.py[co]', ['a.pyc', 'b/c.pyo'], ['a.py', 'a.pyd', 'a.pyc.txt', 'apyc'], /Python/],
    ['**/.pytest_cache', ['.pytest_cache/v'], ['.pytest_cache2', 'a.pytest_cache'], /tests/],
    ['**/.mypy_cache', ['.mypy_cache/v'], ['.mypy_cache2', 'a.mypy_cache'], /type checker/],
    ['**/.ruff_cache', ['.ruff_cache/v'], ['.ruff_cache2', 'a.ruff_cache'], /linter/],
    ['**/.tox', ['.tox/py'], ['.tox2', 'a.tox', 'tox'], /tests/],
    ['**/coverage', ['coverage/index.html'], ['coverage2', 'my-coverage'], /report/],
    ['**/.github', ['.github/workflows/a.yml'], ['.github2', 'a.github'], /GitHub/],
    ['**/.vscode', ['.vscode/settings.json'], ['.vscode2', 'a.vscode'], /editor/],
    ['**/.idea', ['.idea/a.xml'], ['.idea2', 'a.idea'], /editor/],
    ['**/.DS_Store', ['.DS_Store', 'a/.DS_Store'], ['.DS_Store2', 'a.DS_Store'], /macOS/],
    ['**/*.log', ['a.log', 'b/c.log'], ['log', 'a.log.txt', 'alog'], /log/],
    ['**/*.sw[op]', ['.a.swp', 'b.swo'], ['a.swx', 'a.swp.txt', 'aswp'], /editor/],
  ])('is %s', (pattern, found, others, reason) => {
    expect(of(found)).toEqual([
      { pattern, reason: expect.stringMatching(reason), files: found.length, bytes: found.length * 10 },
    ])
    expect(patterns(others)).toEqual([])
    // The line that is suggested leaves out what was found, and nothing else.
    const matcher = pathMatcher([pattern])
    expect([...found, ...others].filter((path) => matcher.matches(path))).toEqual(found)
  })

  test.each([
    ['a.key', '**/*.pem'],
    ['.nox/a', '**/.tox'],
    ['htmlcov/a', '**/coverage'],
    ['.nyc_output/a', '**/coverage'],
  ])('is %s, which goes with %s', (path, pattern) => {
    expect(patterns([path])).toEqual([pattern])
    expect(patterns([`x${path}`.replace('xa.key', 'a.keys')])).toEqual([])
  })

  test('counts each file once, by its outermost folder', () => {
    expect(of(['.git/node_modules/a.log', 'node_modules/.git/a', 'node_modules/b.log'])).toMatchObject([
      { pattern: '**/node_modules', files: 2, bytes: 20 },
      { pattern: '**/.git', files: 1, bytes: 10 },
    ])
  })

  test('comes by bytes, and by pattern where these are the same', () => {
    expect(patterns(['b.log', '.env', 'x.swp', 'c.log'])).toEqual(['**/*.log', '**/*.sw[op]', '**/.env'])
  })

  test.each([
    [['a.log'], ['**/.env']],
    [['./a.log'], ['**/.env']],
    [['logs/a.log/'], ['**/.env']],
    [['.'], ['**/*.log', '**/.env']],
    [['.env', 'other'], ['**/*.log']],
    [
      ['logs', 'env'],
      ['**/*.log', '**/.env'],
    ],
  ])('is not what %j copies by name', (copied, expected) => {
    expect(patterns(['b.log', '.env'], copied)).toEqual(expected)
  })
})
