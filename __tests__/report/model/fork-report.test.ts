import fc from 'fast-check'
import { sanitizeReport } from '../../../src/report/model/fork-report.ts'
import { toJson } from '../../../src/report/model/json.ts'
import { readReport } from '../../../src/report/model/read.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { everything } from '../everything.ts'

const trusted = {
  ...{ repository: 'org/addons', runId: '5005', runAttempt: 2, headSha: 'f'.repeat(40), pullRequest: 7 },
  url: 'https://github.example/org/addons/actions/runs/5005',
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** The values of a report by path, where all entries of a list have one path: `addons[].slug`. */
function leavesOf(value: Json, path = ''): readonly (readonly [string, Json])[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [[path, []]]
    return value.flatMap((one: Json) => leavesOf(one, `${path}[]`))
  }
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, path === '' ? name : `${path}.${name}`))
}

function byPath(report: Report): Readonly<Record<string, readonly Json[]>> {
  const found: Record<string, Json[]> = {}
  for (const [path, value] of leavesOf(JSON.parse(toJson(report)))) {
    found[path] ??= []
    found[path].push(value)
  }
  return found
}

/** Every text, number or list of a report, changed. */
function changed(value: Json, change: (value: Json) => Json): Json {
  if (Array.isArray(value)) return change(value.map((one: Json) => changed(one, change)))
  if (typeof value !== 'object' || value === null) return change(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, changed(one, change)]))
}

const target = 'addons[].targets[]'
const contents = `${target}.size.measure.contents`
const evidences = [`${target}.smoke.evidence`, `${target}.smoke.failedTries[].evidence`]
const before = `${target}.size.baseline.measure.contents`

/** What a reader would follow, or what only GitHub can vouch for, by what is left of it. */
const dropped = {
  '': [
    ...['run.ref', 'run.sha', 'run.workflow', `${target}.image`, `${target}.size.measure.base.reference`],
    ...[`${target}.audit[].fix`, `${target}.smoke.diagnostics[].remedy`],
    ...evidences.flatMap((evidence) => [`${evidence}.image`, `${evidence}.reproduce`]),
  ],
  'an empty list': [
    ...['diagnostics', 'addons[].contexts[].exclude', `${target}.tags`, `${target}.build.warnings`],
    ...evidences.flatMap((evidence) => [`${evidence}.diff`, `${evidence}.supervisorCalls`]),
    ...[`${contents}.largestFiles`, `${contents}.folders`, `${before}.largestFiles`, `${before}.folders`],
  ],
  nothing: [
    ...[
      'run.baseRef',
      'run.baseSha',
      'addons[].manifest',
      'addons[].tags',
      `${target}.published`,
      `${target}.attestation`,
    ],
    ...[`${target}.build.disks`, `${target}.build.remedy`, `${target}.build.environment`, `${target}.audit[].link`],
    ...[`${target}.size.measure.created`, `${target}.size.measure.revision`, `${target}.size.baseline.commit`],
    ...[`${contents}.duplicates`, `${contents}.tree`, 'verdict.reasons[].remedy', 'verdict.warnings[].remedy'],
  ],
}

test('keeps everything but what a reader would follow and what only GitHub can vouch for', () => {
  const from = byPath(everything())
  const kept = byPath(sanitizeReport(everything(), trusted))
  const isBelow = (path: string) => (parent: string) =>
    path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`)
  const vouched = ['run.', 'publication.']
  const same = Object.keys(from).filter(
    (path) => !Object.values(dropped).flat().some(isBelow(path)) && !vouched.some((start) => path.startsWith(start)),
  )
  expect(same.length).toBeGreaterThan(150)
  for (const path of same) expect([path, kept[path]]).toEqual([path, from[path]])
  for (const path of dropped['']) expect([path, new Set(kept[path])]).toEqual([path, new Set([''])])
  for (const path of dropped['an empty list']) expect([path, kept[path]?.flat()]).toEqual([path, []])
  for (const path of dropped.nothing) expect(Object.keys(kept).filter((each) => isBelow(each)(path))).toEqual([])
  expect(Object.keys(kept).filter((path) => !(path in from) && !dropped['an empty list'].includes(path))).toEqual([])
})

test('takes the run from GitHub, and says that nothing was published', () => {
  const { run, publication } = sanitizeReport({ ...everything(), publication: { status: 'published' } }, trusted)
  const { mode, startedAt, finishedAt } = everything().run
  expect(run).toEqual({
    ...{ mode, startedAt, finishedAt, event: 'pull_request', ref: '', sha: '', workflow: '' },
    ...trusted,
  })
  expect(publication).toEqual({ status: 'not-published', reason: 'A pull request from a fork is never published.' })
})

test('shortens texts, lists and numbers', () => {
  const inflate = (value: Json): Json => {
    if (typeof value === 'string') return value.concat('\ud800', 'x'.repeat(1000))
    if (typeof value === 'number') return value < 0 ? -1e300 : 1e300
    return Array.isArray(value)
      ? Array.from({ length: value.length * 600 }, (_, index) => value[index % value.length])
      : value
  }
  // Only a part of the report each time: 600 times 600 entries would take long.
  const { addons, verdict } = everything()
  const [first] = addons
  const parts = [
    { verdict: changed(verdict as unknown as Json, inflate) },
    { addons: Array.from({ length: 600 }, () => ({ ...first, targets: [] })) },
    { addons: [{ ...first, targets: Array.from({ length: 600 }, () => first?.targets[1]) }] },
    { addons: [{ ...first, contexts: changed(first?.contexts as unknown as Json, inflate) }] },
    ...(first?.targets ?? []).flatMap((one) =>
      Object.entries(one).map(([name, value]) => ({
        addons: [{ ...first, targets: [{ ...one, [name]: changed(value as unknown as Json, inflate) }] }],
      })),
    ),
  ]
  const most = { text: 0, list: 0, number: 0 }
  const asTheyAre = new Set<string | undefined>()
  for (const part of parts) {
    const made = sanitizeReport({ ...everything(), ...part } as unknown as Report, trusted)
    for (const [path, value] of leavesOf(JSON.parse(toJson(made)))) {
      if (typeof value === 'number') most.number = Math.max(most.number, Math.abs(value))
      else if (typeof value !== 'string') continue
      else if (value.isWellFormed()) most.text = Math.max(most.text, value.length)
      else asTheyAre.add(path.split('.').at(-1))
    }
    changed(JSON.parse(toJson(made)), (value) => {
      if (Array.isArray(value)) most.list = Math.max(most.list, value.length)
      return value
    })
  }
  expect(most).toEqual({ text: 400, list: 200, number: 1e15 })
  // Words of a list and digests: a report in which they are anything else is refused before.
  expect([...asTheyAre].sort()).toEqual([
    ...['architecture', 'budget', 'compression', 'configDigest', 'diffId', 'digest', 'gate', 'layers', 'manager'],
    ...['manifestDigest', 'method', 'platform', 'reason', 'severity', 'source', 'status'],
  ])
})

test('keeps the end of a log, and the beginning of other lists', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`)
  const { addons } = everything()
  const failed = addons[0]?.targets[1]
  const build = { ...failed?.build, log: lines }
  const made = sanitizeReport(
    { ...everything(), addons: [{ ...addons[0], targets: [{ ...failed, build }] }] } as unknown as Report,
    trusted,
  )
  expect(made.addons[0]?.targets[0]?.build).toMatchObject({ log: lines.slice(40) })
})

test('what is left of a report is a report', () => {
  const junk = fc.constantFrom<Json>('', 'x'.repeat(500), '\ud800', -1e300, 0, 1e300)
  fc.assert(
    fc.property(fc.array(junk, { minLength: 1, maxLength: 40 }), (values) => {
      let index = 0
      const forged = changed(JSON.parse(toJson(everything())), (value) => {
        const other = values[index++ % values.length] as Json
        return typeof other === typeof value ? other : value
      })
      const read = readReport(JSON.stringify(forged))
      if ('report' in read) expect(readReport(toJson(sanitizeReport(read.report, trusted)))).toHaveProperty('report')
    }),
  )
})
