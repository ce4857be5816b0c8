import { check } from '../../src/core/schema.ts'
import { makeClient } from '../../src/github/client.ts'
import { readMarker } from '../../src/github/comment-marker.ts'
import { postFromArtifact } from '../../src/pipeline/comment-from-artifact.ts'
import { commentLimit, renderComment } from '../../src/report/markdown/comment.ts'
import { sanitizeReport } from '../../src/report/model/fork-report.ts'
import { readReport } from '../../src/report/model/read.ts'
import type { Report } from '../../src/report/model/report.ts'
import { reportSchema } from '../../src/report/model/schema.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { growth } from '../project/growth.ts'
import { nodes, parse } from '../report/parse.ts'
import { situations } from '../report/situations.ts'
import { forgedReports } from './forged-reports.ts'

const head = { repository: 'contributor/aicleaner', ref: 'topic', sha: 'f'.repeat(40) }
const vouched = {
  ...{ repository: 'org/addons', runId: '5005', runAttempt: 1, headSha: head.sha, pullRequest: 7 },
  url: 'https://github.com/org/addons/actions/runs/5005',
}

let github: FakeGitHub
beforeEach(async () => {
  github = await startGitHub()
})
afterEach(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

test('there are enough of them', () => {
  expect(Object.keys(forgedReports).length).toBeGreaterThanOrEqual(40)
})

test.each(Object.entries(forgedReports))('a forged report with %s', async (_, { text, refused }) => {
  const victim = github.addPull({})
  const { number } = github.addPull({ head, base: { repository: github.repository, ref: 'main', sha: 'b'.repeat(40) } })
  const page = `https://github.com/${github.repository}`
  const result = await postFromArtifact({
    client: makeClient({ token: github.token, baseUrl: github.url, sleep: async () => {} }),
    payload: {
      repository: { full_name: github.repository },
      workflow_run: {
        ...{
          id: 5005,
          run_attempt: 1,
          event: 'pull_request',
          html_url: `${page}/actions/runs/5005`,
          pull_requests: [],
        },
        ...{ head_sha: head.sha, head_branch: head.ref, head_repository: { full_name: head.repository } },
        repository: { full_name: github.repository },
      },
    },
    report: text(),
    key: 'build',
    policy: 'auto',
  })
  if (refused) {
    expect(result).toEqual({ skipped: expect.stringMatching(/^The report cannot be used: .{1,2000}$/s) })
    expect(github.comments).toEqual([])
    return
  }
  expect(result).toMatchObject({ action: 'created' })
  expect(github.comments.map(({ issue }) => issue)).toEqual([number])
  expect(number).not.toBe(victim.number)
  const { body = '' } = github.comments[0] ?? {}
  expect(body.length).toBeLessThanOrEqual(commentLimit)
  expect(readMarker(body)).toEqual({
    key: 'build',
    run: '5005',
    attempt: 1,
    head: head.sha,
    notable: expect.any(Boolean),
  })
  expect(body).not.toMatch(/curl evil|^Published/m)
  const all = nodes(parse(body))
  const links = all.flatMap((node) => ('url' in node ? [node.url] : []))
  expect(links.filter((url) => url !== `${page}/actions/runs/5005` && url !== `${page}/commit/${head.sha}`)).toEqual([])
  // HTML that is not ours could be a link as well.
  const html = all.flatMap((node) => (node.type === 'html' ? [node.value] : []))
  expect(
    html.join('').replaceAll(/<\/?(?:details|summary|sub|code|span)>|<!-- aicleaner-build [^>]*-->/g, ''),
  ).not.toMatch(/<[a-z!/]/i)
})

const keptOf = (report: Report): Report => sanitizeReport(report, vouched)

describe('what is kept', () => {
  test.each(Object.entries(situations))('of a report that is %s is a report, with all of its figures', (_, make) => {
    const report = make()
    const kept = keptOf(report)
    expect(check(reportSchema, kept)).toEqual({ value: kept })
    const figuresOf = (one: Report): unknown =>
      one.addons.map(({ targets }) =>
        targets.map(({ architecture, build, smoke, size }) => [
          ...[architecture, build.status, smoke?.status, size?.measure.download, size?.measure.layers.length],
          ...[size?.comparison?.download, size?.comparison?.update, size?.budgets.map(({ over }) => over)],
        ]),
      )
    expect(figuresOf(kept)).toEqual(figuresOf(report))
    expect(kept.verdict.reasons.map(({ gate, message }) => [gate, message.slice(0, 300)])).toEqual(
      report.verdict.reasons.slice(0, 100).map(({ gate, message }) => [gate, message.slice(0, 300)]),
    )
  })

  test('has no field that is not listed, and no way to reach one', () => {
    const forged = JSON.parse(
      '{"__proto__":{"x":1},"x":1,"addons":[{"x":1,"slug":"s","name":"n","folder":"f","version":"1","targets":[]}],"tool":{},"run":{},"verdict":{"passed":true,"reasons":[],"warnings":[]}}',
    )
    const kept = keptOf(forged)
    expect(Object.keys(kept).sort()).toEqual(
      ['addons', 'diagnostics', 'publication', 'run', 'tool', 'verdict'].filter((name) => name !== 'diagnostics'),
    )
    expect(Object.keys(kept.addons[0] ?? {}).sort()).toEqual(['folder', 'name', 'slug', 'targets', 'version'])
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype)
  })
})

test.each(['a', '`', '` ', ' ', '[', '/bin/sh -'])('the work for a comment does not grow with texts of %j', (unit) => {
  const forged = (length: number) => {
    const [first] = Object.values(situations)
    const text = JSON.stringify(first?.()).replaceAll(
      /"(name|version|path|folder|createdBy|reference|readiness|message)":"[^"]*"/g,
      (all, name) => (all.includes('aicleaner-build') ? all : `"${name}":"${unit.repeat(length / unit.length)}"`),
    )
    const read = readReport(text)
    if (!('report' in read)) throw new Error(read.diagnostic.message)
    return read.report
  }
  // Sixteen times the text: each text is cut before it is rendered.
  expect(growth(forged, (report) => renderComment(keptOf(report), { key: 'x' }), 5_000, 16, 8)).toBeLessThan(8)
})
