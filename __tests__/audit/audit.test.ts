import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { auditTarget } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/audit/finding.ts'
import { readHadolint, runHadolint } from '../../src/audit/hadolint.ts'
import { readIgnores } from '../../src/audit/ignore.ts'
import { buildKitFindings, mergeFindings } from '../../src/audit/other-tools.ts'
import { rules } from '../../src/audit/rules.ts'
import { error, Failure, warning } from '../../src/core/diagnostics.ts'
import type { Processes, ProcessResult } from '../../src/core/host.ts'
import { foreignRule } from '../../src/inputs/values.ts'
import { addon, audit, clean, contextOf, inputOf, rulesOf } from './subjects.ts'

const rootUser = clean.replace('USER nobody\n', '')

test('no two rules have the same name', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
})

test.each(rules)('$id has a reason, a source and a link', ({ reason, source, link }) => {
  expect(reason).toMatch(/^[A-Z].*\.$/)
  expect(source.length).toBeGreaterThan(5)
  expect(link).toMatch(/^https:\/\/\S+$/)
})

test('sorts findings by severity, then by the bytes that a fix saves', () => {
  const rule = (id: string, severity: 'error' | 'warning' | 'notice', bytes?: number) => ({
    ...rules[0],
    id,
    severity,
    reason: '',
    source: '',
    link: 'https://x',
    check: () => [{ message: id, fix: '', ...(bytes !== undefined && { bytes }) }],
  })
  const list = [
    rule('n', 'notice', 9),
    rule('w', 'warning', 5),
    rule('b', 'warning', 50),
    rule('e', 'error'),
    rule('u', 'warning'),
  ]
  expect(rulesOf(auditTarget(inputOf(clean), list))).toEqual(['e', 'b', 'w', 'u', 'n'])
})

test('reports a finding without a location at the FROM of the built stage', () => {
  expect(audit(`FROM x:1 AS a\n${rootUser}`)).toMatchObject([{ where: { file: 'addon/Dockerfile', line: 2 } }])
})

test.each([
  ['at the top, for the whole file', `# aicleaner-build ignore=image/root-user\n${rootUser}`, []],
  [
    'at the top, after other comments',
    `# syntax=x\n#\n# aicleaner-build ignore=image/root-user we need the GPIO\n${rootUser}`,
    [],
  ],
  ['on the line before', rootUser.replace('FROM', 'ARG A=1\n# aicleaner-build ignore=image/root-user\nFROM'), []],
  [
    'a few comments before',
    rootUser.replace('FROM', 'ARG A=1\n# aicleaner-build ignore=image/root-user\n# and why\n\nFROM'),
    [],
  ],
  ['several at once', `# aicleaner-build ignore=image/labels, image/root-user\n${rootUser}`, []],
  ['of another rule', `# aicleaner-build ignore=image/labels\n${rootUser}`, ['image/root-user']],
  [
    'before another line',
    rootUser.replace('COPY', '# aicleaner-build ignore=image/root-user\nCOPY'),
    ['image/root-user'],
  ],
  ['of another tool', `# hadolint ignore=image/root-user\n${rootUser}`, ['image/root-user']],
])('ignores a rule by a comment %s', (_, dockerfile, expected) => {
  expect(rulesOf(audit(dockerfile))).toEqual(expected)
})

test('ignores rules of the input, also those of other tools', () => {
  const foreign = [finding('hadolint/DL3008', 2), finding('buildkit/StageNameCasing', 1)]
  const found = audit(rootUser, { foreign, ignore: ['image/root-user', 'hadolint/DL3008'] })
  expect(rulesOf(found)).toEqual(['buildkit/StageNameCasing'])
})

test('reads comments of any text without throwing', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('#', ' ', '\n', '\r', 'aicleaner-build', 'ignore', '=', ',', 'a/b', 'FROM x'),
      }),
      (text) => {
        const { file, lines } = readIgnores(text)
        for (const rule of [...file, ...[...lines.values()].flatMap((set) => [...set])])
          expect(rule).toMatch(/^[\w/-]+$/)
      },
    ),
  )
})

test('audits any Dockerfile without throwing', () => {
  const word = fc.constantFrom(
    'FROM',
    'RUN',
    'COPY',
    'ADD',
    'ENV',
    'ARG',
    'USER',
    'LABEL',
    'HEALTHCHECK',
    'NONE',
    'ENTRYPOINT',
    'apk',
    'add',
    'apt-get',
    'install',
    '&&',
    '|',
    ';',
    '"',
    "'",
    '\\',
    '\n',
    ' ',
    '=',
    '$',
    '${',
    '}',
    '--from=a',
    '--mount=type=cache',
    '<<EOF',
    'EOF',
    '[',
    ']',
    '#',
    'AS',
    '..',
    '0',
  )
  let findings = 0
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const found = audit(`FROM a:1\n${words.join(' ')}`, { context: contextOf() })
      findings += found.length
      for (const one of found) expect(one.where?.line).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
  // The words make Dockerfiles that rules have something to say about.
  expect(findings).toBeGreaterThan(0)
})

function finding(rule: string, line?: number): Finding {
  const where = line === undefined ? {} : { where: { file: 'addon/Dockerfile', line, column: 1 } }
  return { rule, severity: 'warning', message: `${rule} says so`, fix: 'x', ...where }
}

test('includes the checks of BuildKit with their page, and those of style as notices', () => {
  const where = { file: 'addon/Dockerfile', line: 4, column: 1 }
  expect(
    buildKitFindings([
      warning(
        'dockerfile/JSONArgsRecommended',
        'JSON arguments recommended.',
        'See https://docs.docker.com/go/x/',
        where,
      ),
      warning('dockerfile/FromAsCasing', 'casing', 'detail without a page'),
    ]),
  ).toEqual([
    {
      rule: 'buildkit/JSONArgsRecommended',
      severity: 'warning',
      message: 'JSON arguments recommended.',
      fix: 'See https://docs.docker.com/go/x/',
      link: 'https://docs.docker.com/go/x/',
      where,
    },
    { rule: 'buildkit/FromAsCasing', severity: 'notice', message: 'casing', fix: 'detail without a page' },
  ])
})

test.each([
  [
    'a problem that our rules report at the same line',
    [finding('secret/environment', 3)],
    [finding('buildkit/SecretsUsedInArgOrEnv', 3)],
    1,
  ],
  [
    'not a problem that they report at another line',
    [finding('secret/environment', 3)],
    [finding('buildkit/SecretsUsedInArgOrEnv', 5)],
    2,
  ],
  [
    'a problem that BuildKit and hadolint both report',
    [],
    [finding('buildkit/JSONArgsRecommended', 3), finding('hadolint/DL3025', 3)],
    1,
  ],
  ['only ours of rules that ours replace', [], [finding('hadolint/DL3006', 1), finding('hadolint/DL3002', 9)], 0],
  ['a problem that only hadolint reports', [], [finding('hadolint/DL3008', 3)], 1],
  ['a secret that all three report', [finding('secret/build-argument', 3)], [finding('hadolint/DL3064', 3)], 1],
  ['the very same twice', [], [finding('hadolint/DL3008', 3), finding('hadolint/DL3008', 3)], 1],
])('reports once %s', (_, own, foreign, count) => {
  expect(mergeFindings(own, foreign)).toHaveLength(count)
})

const answer = (stdout: string, exitCode = 0): Processes => ({
  exec: async (): Promise<ProcessResult> => ({ exitCode, stdout, stderr: '' }),
  spawn: async () => 0,
})
const output = JSON.stringify([
  { file: '-', line: 2, column: 1, level: 'info', code: 'DL3059', message: 'Multiple consecutive RUN' },
  { file: '-', line: 5, column: 7, level: 'error', code: 'SC1073', message: 'Could not parse' },
  { level: 'error', code: '; rm -rf', message: 'x' },
  // It knows no here-document: what BuildKit can read is no error.
  { file: '-', line: 7, column: 1, level: 'error', code: 'DL1000', message: "unexpected 'C'" },
  null,
])

test('reads the output of hadolint', () => {
  expect(readHadolint(output.replace(',null', ''), 'addon/Dockerfile')).toMatchObject([
    { rule: 'hadolint/DL3059', severity: 'notice', where: { file: 'addon/Dockerfile', line: 2, column: 1 } },
    { rule: 'hadolint/SC1073', severity: 'error', link: 'https://www.shellcheck.net/wiki/SC1073' },
  ])
})

test('passes the Dockerfile to hadolint on standard input, and has no findings if it is not installed', async () => {
  const asked: unknown[] = []
  const processes: Processes = {
    ...answer(''),
    exec: async (command, args, options) => {
      asked.push(command, args, options?.input)
      return { exitCode: 0, stdout: output, stderr: '' }
    },
  }
  expect(await runHadolint('FROM x', 'Dockerfile', processes)).toHaveLength(2)
  expect(asked).toEqual(['hadolint', ['--no-fail', '--no-color', '--format', 'json', '-'], 'FROM x'])
  const missing: Processes = {
    ...answer(''),
    exec: async () => {
      throw new Failure('environment', [error('environment/no-program', 'There is no hadolint.', '')])
    },
  }
  expect(await runHadolint('FROM x', 'Dockerfile', missing)).toEqual([])
  expect(await runHadolint('FROM x', 'Dockerfile', answer('not JSON'))).toEqual([])
  expect(await runHadolint('FROM x', 'Dockerfile', answer(output, 1))).toEqual([])
})

test.each([
  ['buildkit/JSONArgsRecommended', true],
  ['hadolint/DL3008', true],
  ['hadolint/SC2086', true],
  ['image/root', false],
  ['hadolint/', false],
])('knows whether %s can be a check of another tool', (name, known) => {
  expect(foreignRule.test(name)).toBe(known)
})

test('audits a target without a Dockerfile, a context or an image', () => {
  expect(rulesOf(auditTarget({ target: addon() }))).toEqual(['image/root-user', 'image/no-healthcheck'])
})
