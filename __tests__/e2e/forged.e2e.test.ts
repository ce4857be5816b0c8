import { expect, jest, test } from '@jest/globals'
import { startGitHub } from '../fakes/github/github.ts'
import { runJob } from '../fakes/runner/runner.ts'
import { errorsOf } from '../faults/fault-job.ts'
import { forgedReports } from '../pipeline/forged-reports.ts'
import { nodes, parse } from '../report/parse.ts'
import { first, healthy, built as imageOf, target } from '../report/reports.ts'
import { addonFiles } from './addon.ts'
import { apiOf } from './pull-request.ts'

// Several steps for one answer, perhaps on a busy machine.
jest.setTimeout(240_000)

test('forged reports of forks are commented within limits or not at all', async () => {
  const github = await startGitHub({ repository: 'octo/addons' })
  const head = { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) }
  const { number } = github.addPull({ repository: 'octo/addons', head })
  const url = 'https://github.com/octo/addons/actions/runs/77'
  const payload = {
    repository: { full_name: 'octo/addons', html_url: 'https://github.com/octo/addons', default_branch: 'main' },
    workflow_run: {
      ...{ id: 77, run_attempt: 1, event: 'pull_request', html_url: url, head_sha: head.sha, head_branch: head.ref },
      head_repository: { full_name: head.repository },
    },
  }
  const names = [
    'no JSON',
    'lists nested a million times',
    'a tree nested a hundred thousand times',
    'seventeen megabytes of blanks',
    'Markdown and HTML in all texts',
    'words of forty kilobytes',
    'a command to repeat the test',
    '__proto__ keys',
    'another run, repository and pull request',
  ]
  const exits = new Map<string, number>()
  for (const name of names) {
    const { job, ...result } = await runJob({
      inputs: { mode: 'publish', results: 'report', 'comment-key': `key-${names.indexOf(name)}` },
      files: { 'report/report.json': forgedReports[name]?.text() ?? '' },
      event: { name: 'workflow_run', payload },
      token: github.token,
      environment: apiOf(github),
    })
    exits.set(name, result.exitCode)
    expect(result.problems).toEqual([])
    expect(result.log).not.toMatch(/defect/)
    await job.end()
  }
  expect([...exits.values()]).toEqual(names.map(() => 0))
  expect(github.comments.map(({ issue }) => issue)).toEqual([number, number, number, number, number])
  for (const { body } of github.comments) {
    expect(body.length).toBeLessThanOrEqual(65_536)
    expect(body).not.toContain('curl evil')
    const links = nodes(parse(body)).flatMap((node) => ('url' in node ? [node.url] : []))
    expect(links.filter((address) => !address.startsWith('https://github.com/octo/addons/'))).toEqual([])
  }
  expect(github.violations).toEqual([])
  await github.close()
})

test('a forged result publishes nothing and cannot inject commands into the log', async () => {
  const sha = 'c'.repeat(40)
  const genuine = {
    ...{ schemaVersion: 1, kind: 'aicleaner-build-result', id: 'tiny/amd64', sha, run: { id: '1000', attempt: 1 } },
    report: target('amd64', { addon: 'tiny', build: imageOf(), smoke: healthy(), size: first(50_000_000) }),
  }
  const evil = { ...genuine, report: { ...genuine.report, build: imageOf(66), size: first(1, 66) } }
  const publish = (files: Readonly<Record<string, unknown>>) =>
    runJob({
      inputs: { mode: 'publish', target: 'tiny', push: 'true', results: 'results', comment: 'never' },
      event: { name: 'push', sha, runId: '1000', runAttempt: 1 },
      files: {
        ...addonFiles({ base: 'localhost:1/base', image: 'localhost:1/{arch}-tiny', architectures: ['amd64'] }),
        ...Object.fromEntries(
          Object.entries(files).map(([path, value]) => [
            `results/${path}.result.json`,
            typeof value === 'string' ? value : JSON.stringify(value),
          ]),
        ),
      },
    })
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ a: genuine, b: { ...evil, run: { id: '1000', attempt: 999_999 } } }, /attempt 999999, but this is attempt 1/],
    [{ a: { ...evil, run: { id: '9', attempt: 1 } } }, /from run "9", but this is run 1000/],
    [{ a: genuine, b: evil }, /2 different results for tiny\/amd64/],
    [{ a: genuine, b: `${'['.repeat(1e6)}${']'.repeat(1e6)}` }, /is not a result file/],
    [{ a: genuine, 'b\u001b]0;x\u0007\u0085::error::x': 'x' }, /\\u001b\]0;x\\u0007\\u0085::error::x/],
    [{ a: { ...genuine, id: '\u0085::set-output name=x::y' } }, /\\u0085::set-output/],
  ]
  for (const [files, expected] of cases) {
    const { job, ...result } = await publish(files)
    expect([result.exitCode, errorsOf(result)]).toEqual([2, expect.stringMatching(expected)])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed.
    expect(result.raw).not.toMatch(/defect|\u0085|\u001b/)
    expect(result.problems).toEqual([])
    await job.end()
  }
})
