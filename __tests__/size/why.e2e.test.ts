import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { addonFiles } from '../e2e/addon.ts'
import { apiOf, pullRequestEvent } from '../e2e/pull-request.ts'
import { describeWith } from '../environment/describe-with.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { startJob } from '../fakes/runner/runner.ts'

// Images are built, perhaps on a busy machine.
jest.setTimeout(240_000)

describeWith(['engine', 'registry', 'bases'], 'why an image grew', ({ registry = '', bases }) => {
  const image = `${registry}/why-${randomBytes(4).toString('hex')}/{arch}-why`
  let github: FakeGitHub

  beforeAll(async () => {
    github = await startGitHub({ repository: 'octo/addons' })
  })
  afterAll(() => github.close())

  /** A real package, as pip and its wheel come with the base image: nothing is fetched. */
  const install = 'RUN pip install --no-index --target /opt/vendor /usr/share/python-wheels/setuptools-*.whl'

  /** One job on a pull request of its own; gives what it told. */
  async function run(
    version: string,
    build: string,
    inputs: Readonly<Record<string, string>>,
    { labels = [], files = {} }: { labels?: string[]; files?: Readonly<Record<string, string>> } = {},
  ) {
    const pull = github.addPull({ repository: 'octo/addons', labels })
    const addon = addonFiles({
      base: bases?.python ?? '',
      slug: 'why',
      version,
      image,
      architectures: ['amd64'],
      build,
    })
    const job = await startJob({
      files: { ...addon, ...files },
      inputs: { target: 'why', 'smoke-test': 'false', audit: 'off', ...inputs },
      event: pullRequestEvent(pull),
      token: github.token,
      environment: apiOf(github),
    })
    const result = await job.main().done
    const json = await readFile(result.outputs.report ?? '', 'utf8')
    expect((await job.post()).exitCode).toBe(0)
    await job.end()
    const comment = github.comments.find(({ issue }) => issue === pull.number)?.body ?? ''
    return { ...result, json, report: JSON.parse(json) as Report, comment }
  }

  test('is reported with package, step and line; budgets on own layers apply, and a label makes them warnings', async () => {
    // The version before, published without `latest`, and beside it what is none.
    const before = await run('1.2.2', 'RUN echo one > /one', {
      push: 'true',
      tags: '{version}\nnot-a-version\nv9.9.9',
      baseline: 'none',
    })
    expect(before.problems).toEqual([])
    expect(before.exitCode).toBe(0)

    const grown = await run('1.2.3', `RUN echo one > /one\n${install}`, { 'max-increase': '50%,own=100kB' })
    expect(grown.exitCode).toBe(1)
    const [target] = grown.report.addons[0]?.targets ?? []
    expect(target?.size?.baseline).toMatchObject({
      source: 'registry',
      reference: `${image.replace('{arch}', 'amd64')}:1.2.2`,
      chosen: 'the only published version below 1.2.3',
      measure: { manifestDigest: before.report.addons[0]?.targets[0]?.published },
    })
    expect(target?.size?.budgets).toMatchObject([
      { budget: 'max-increase', over: false },
      { budget: 'max-increase', layers: 'own', over: true, limitBytes: 100_000 },
    ])
    expect(grown.comment).toMatch(/^### ❌ Tiny 1\.2\.3: over the size budget: amd64\n/)
    expect(grown.comment).toMatch(
      /over max-increase of own layers: \+\S+ MB to download, 100\.0 kB allowed\. Look first at \+\S+ MB to download: a new layer of `RUN pip install [^`]+` at Dockerfile line 7\./,
    )
    expect(grown.comment).toContain(':1.2.2` (the only published version below 1.2.3')

    // The whole of the version before, from its report: then packages are compared, too.
    const files = {
      'baseline.json': before.json,
      'why/.dockerignore': '*.md\n',
      'why/README.md': 'x'.repeat(3000),
      'why/app.log': 'y'.repeat(2000),
    }
    const inputs = { 'max-increase': 'own=100kB', baseline: 'file:baseline.json' }
    const allowed = await run('1.2.3', `RUN echo one > /one\n${install}`, inputs, { labels: ['size-ok'], files })
    expect(allowed.exitCode).toBe(0)
    expect(allowed.outputs['size-regression']).toBe('true')
    expect(allowed.comment).toMatch(/^### ⚠️ Tiny 1\.2\.3: 1 architecture passed, with 1 warning, \S+ MB larger/)
    expect(allowed.comment).toMatch(/^- ⚠️ `amd64` size: .* The label size-ok lets it pass\.$/m)
    expect(allowed.comment).toMatch(
      /^- `amd64` \+\S+ MB: Python package setuptools \S+ was added by `RUN pip install [^`]+` at Dockerfile line 7$/m,
    )
    expect(allowed.report.verdict).toMatchObject({ passed: true, warnings: [{ gate: 'size' }] })

    // What was, and what may be sent to a build.
    expect(allowed.report.addons[0]?.contexts).toMatchObject([
      {
        folder: 'why',
        ignoreFile: '.dockerignore',
        exclude: [{ pattern: '**/*.log', files: 1, bytes: 2000 }],
      },
    ])
    const [{ before: all, after: sent } = { before: undefined, after: undefined }] =
      allowed.report.addons[0]?.contexts ?? []
    expect((all?.bytes ?? 0) - (sent?.bytes ?? 0)).toBe(3000)
    expect(allowed.report.addons[0]?.targets[0]).not.toHaveProperty('context')
    expect(github.violations).toEqual([])
  })
})
