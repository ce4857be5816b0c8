import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { addonFiles } from '../e2e/addon.ts'
import { readRegistry } from '../e2e/registry.ts'
import { describeWith } from '../environment/describe-with.ts'
import { startJob } from '../fakes/runner/runner.ts'
import { fetchHadolint } from './hadolint.ts'
import { sarifProblems } from './sarif-schema.ts'

jest.setTimeout(240_000)

/** Each line is a finding of several tools at once, or of one alone. */
const faulty = [
  'ENV API_TOKEN=abcdef123',
  'WORKDIR opt',
  'RUN cd /tmp && echo x > y',
  '# hadolint ignore=DL3059',
  'RUN echo z > /tmp/z',
  '# aicleaner-build ignore=hadolint/DL3059',
  'RUN echo a > /tmp/a',
  'ENTRYPOINT httpd -f -p 8000',
].join('\n')

describeWith(['engine', 'registry', 'bases'], 'the audit in a job', (facts) => {
  const { registry = '' } = facts
  const tools = mkdtempSync(join(tmpdir(), 'aud-hadolint-'))
  afterAll(() => rmSync(tools, { recursive: true, force: true }))
  beforeAll(() => fetchHadolint(facts, tools))

  async function run(inputs: Readonly<Record<string, string>>) {
    const image = `${registry}/aud-${randomBytes(4).toString('hex')}/{arch}-tiny`
    const job = await startJob({
      files: addonFiles({ base: facts.bases?.tiny ?? '', image, architectures: ['amd64'], build: faulty }),
      inputs: { target: 'tiny', push: 'true', 'smoke-test': 'false', ...inputs },
      environment: { PATH: `${tools}:${process.env.PATH}` },
    })
    const result = await job.main().done
    const read = (name: string) => readFileSync(join(job.temporary, 'aicleaner-build', name), 'utf8')
    const report = JSON.parse(read('report.json')) as Report
    const sarif = read('report.sarif')
    await job.post()
    await job.end()
    const tags = await readRegistry(registry).tags(image.replace('{arch}', 'amd64'))
    return { ...result, report, sarif, tags }
  }

  test('audit: fail keeps what has an error or a warning from being published, and shows each at its line', async () => {
    const { exitCode, commands, report, sarif, tags } = await run({ audit: 'fail' })
    expect([exitCode, tags]).toEqual([1, []])
    expect(report.verdict.reasons.map(({ gate }) => gate)).toContain('audit')
    const found = report.addons[0]?.targets[0]?.audit ?? []
    // Three tools know that ENV is no place for a secret, two that a folder has to be absolute and that JSON is better. BuildKit does not look
    // into a health check.
    expect(found.map(({ rule, where }) => `${rule}:${where?.line}`)).toEqual([
      'secret/environment:6',
      'image/root-user:2',
      'buildkit/WorkdirRelativePath:7',
      'buildkit/JSONArgsRecommended:13',
      'hadolint/DL3003:8',
      'hadolint/DL3025:14',
    ])
    const annotated = commands
      .filter(({ name }) => name === 'error' || name === 'warning' || name === 'notice')
      .map(({ name, properties }) => `${name} ${properties.file}:${properties.line}`)
    expect(annotated).toEqual(expect.arrayContaining(['error tiny/Dockerfile:6', 'warning tiny/Dockerfile:8']))
    expect(sarifProblems(sarif)).toEqual([])
    const results = JSON.parse(sarif).runs[0].results as { ruleId: string }[]
    expect(results.map(({ ruleId }) => ruleId)).toEqual(found.map(({ rule }) => rule))
  })

  test('audit: warn publishes all the same', async () => {
    const { exitCode, report, tags } = await run({ audit: 'warn' })
    expect([exitCode, tags]).toEqual([0, ['1.2.3']])
    expect(report.verdict.warnings.map(({ gate }) => gate)).toContain('audit')
  })
})
