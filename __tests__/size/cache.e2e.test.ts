import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { Report } from '../../src/report/model/report.ts'
import { addonFiles } from '../e2e/addon.ts'
import { apiOf, pullRequestEvent } from '../e2e/pull-request.ts'
import { describeWith } from '../environment/describe-with.ts'
import { type FakeCacheService, scopes, startCacheService } from '../fakes/cache-service/cache-service.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { type JobEvent, startJob } from '../fakes/runner/runner.ts'

// Images are built, perhaps on a busy machine.
jest.setTimeout(240_000)

describeWith(['engine', 'bases'], 'sizes kept in the cache of the base branch', ({ bases }) => {
  let github: FakeGitHub
  let cache: FakeCacheService
  // The same in every run, as on GitHub-hosted runners.
  const temporary = mkdtempSync(join(tmpdir(), 'size-cache-'))

  beforeAll(async () => {
    github = await startGitHub({ repository: 'octo/addons' })
    cache = await startCacheService()
  })
  afterAll(async () => {
    await cache.close()
    await github.close()
    rmSync(temporary, { recursive: true, force: true })
  })

  // No registry answers there: the cache is all that can be found.
  const image = `localhost:1/${randomBytes(4).toString('hex')}/{arch}-tiny`

  async function run(event: JobEvent, token: string, build: string, inputs: Readonly<Record<string, string>> = {}) {
    const files = addonFiles({ base: bases?.tiny ?? '', image, architectures: ['amd64'], build })
    const job = await startJob({
      files,
      inputs: { target: 'tiny', 'smoke-test': 'false', audit: 'off', cache: 'none', baseline: 'cache', ...inputs },
      event,
      token: github.token,
      environment: { ...apiOf(github), ...cache.environment(token), RUNNER_TEMP: temporary },
    })
    const result = await job.main().done
    const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as Report
    expect((await job.post()).exitCode).toBe(0)
    await job.end()
    return { ...result, size: report.addons[0]?.targets[0]?.size }
  }

  const push = (sha: string): JobEvent => ({
    name: 'push',
    ref: 'refs/heads/main',
    sha,
    payload: {
      ref: 'refs/heads/main',
      after: sha,
      repository: { full_name: 'octo/addons', html_url: 'https://github.com/octo/addons', default_branch: 'main' },
      sender: { login: 'octocat' },
    },
  })
  const sizesOf = () => cache.entries.filter(({ key }) => key.startsWith('aicleaner-build-size-'))

  test('are what a pull request is compared with, in every detail; a run that failed or a pull request leaves none', async () => {
    const onMain = cache.token(scopes.branch('main'))
    const failed = await run(push('1'.repeat(40)), onMain, 'RUN echo too large > /opt-too-large', { 'max-size': '1kB' })
    expect(failed.exitCode).toBe(1)
    expect(failed.size?.noBaseline).toBe('first measurement: the cache has no sizes of branch main')
    expect(sizesOf()).toEqual([])

    const kept = await run(push('2'.repeat(40)), onMain, 'RUN head -c 200000 /dev/zero > /kept')
    expect(kept.exitCode).toBe(0)
    expect(sizesOf().map(({ key, finalised }) => [key, finalised])).toEqual([
      [`aicleaner-build-size-1-tiny-amd64-main@${'2'.repeat(40)}`, true],
    ])

    const pull = github.addPull({ repository: 'octo/addons' })
    const inPull = cache.token(scopes.pullRequest(pull.number))
    const build = 'RUN head -c 200000 /dev/zero > /kept\nRUN head -c 300000 /dev/zero > /more'
    const compared = await run(pullRequestEvent(pull), inPull, build)
    expect(compared.exitCode).toBe(0)
    expect(compared.size?.baseline).toMatchObject({
      source: 'cache',
      chosen: 'the last build of branch main',
      commit: '2'.repeat(40),
      measure: { manifestDigest: kept.size?.measure.manifestDigest },
    })
    expect(compared.size?.comparison?.changes).toEqual([
      '+300.0 kB: more is new, made by `RUN head -c 300000 /dev/zero > /more` at Dockerfile line 7',
    ])
    const comment = github.comments.find(({ issue }) => issue === pull.number)?.body ?? ''
    expect(comment).toMatch(/<sub>Compared with the last build of branch main \(commit \[`2222222`\]/)
    expect(sizesOf()).toHaveLength(1)
    expect(cache.violations).toEqual([])
    expect(github.violations).toEqual([])
  })
})
