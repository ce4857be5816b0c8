import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { startGitHub } from '../fakes/github/github.ts'
import { startJob } from '../fakes/runner/runner.ts'
import { anyRepository } from '../faults/fault-job.ts'
import { addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'

// Images are built and started, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

test('the run of a fork may not comment, and a workflow_run of the base repository posts its report', async () => {
  const github = await startGitHub({ repository: 'octo/addons' })
  const head = { repository: 'stranger/addons', ref: 'patch', sha: 'd'.repeat(40) }
  const fork = github.addPull({ repository: 'octo/addons', head })
  github.setReadOnly(true)
  const { registry = '', bases } = readFacts()
  const built = await startJob({
    files: addonFiles({
      base: bases?.tiny ?? '',
      architectures: ['amd64'],
      image: `${registry}/${anyRepository()}/{arch}-tiny`,
    }),
    inputs: { target: 'tiny', 'smoke-test': 'false', 'comment-key': 'add-on' },
    event: pullRequestEvent(fork),
    token: github.token,
    environment: apiOf(github),
  })
  const result = await built.main().done
  expect(result.exitCode).toBe(0)
  expect(github.comments).toEqual([])

  github.setReadOnly(false)
  const posting = await startJob({
    inputs: { mode: 'publish', results: 'report', 'comment-key': 'add-on' },
    files: { 'report/.keep': '' },
    event: {
      name: 'workflow_run',
      payload: {
        action: 'completed',
        repository: { full_name: 'octo/addons', html_url: 'https://github.com/octo/addons', default_branch: 'main' },
        sender: { login: 'stranger' },
        workflow_run: {
          id: 1000,
          run_attempt: 1,
          event: 'pull_request',
          html_url: 'https://github.com/octo/addons/actions/runs/1000',
          head_sha: head.sha,
          head_branch: head.ref,
          head_repository: { full_name: head.repository, owner: { login: 'stranger' } },
          pull_requests: [],
        },
      },
    },
    token: github.token,
    environment: apiOf(github),
  })
  await cp(result.outputs.report ?? '', join(posting.workspace, 'report', 'report.json'))
  const posted = await posting.main().done
  expect(posted.exitCode).toBe(0)
  expect(github.comments.map(({ issue }) => issue)).toEqual([fork.number])
  expect(github.comments[0]?.body).toContain('`amd64`')
  expect(posted.outputs['comment-url']).toContain(String(github.comments[0]?.id))
  expect(JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')).schemaVersion).toBe(1)
  expect(github.violations).toEqual([])
  for (const job of [built, posting]) {
    expect((await job.post()).exitCode).toBe(0)
    await job.end()
  }
  await github.close()
})
