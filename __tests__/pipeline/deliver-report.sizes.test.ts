import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { deliverReport } from '../../src/pipeline/deliver-report.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { type FakeCacheService, startCacheService } from '../fakes/cache-service/cache-service.ts'
import { addon, first, report, target } from '../report/reports.ts'

let folder: string
let service: FakeCacheService
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kept-sizes-'))
  service = await startCacheService()
})
afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = (repository: string, event: string) => ({
  workflow_run: { event, head_repository: { full_name: repository } },
})

// All of these events run on the base branch's ref with a token that may write.
test.each<readonly [string, Partial<Host['event']>, object, number]>([
  ['a push', { name: 'push' }, {}, 1],
  ['a schedule', { name: 'schedule' }, {}, 1],
  ['a run for a push', { name: 'workflow_run' }, run('octo/addons', 'push'), 1],
  ['a run for a pull request of a fork', { name: 'workflow_run' }, run('stranger/addons', 'pull_request'), 0],
  ['a run for a pull request', { name: 'workflow_run' }, run('octo/addons', 'pull_request'), 0],
  ['a comment on a pull request', { name: 'issue_comment' }, { issue: { pull_request: {} } }, 0],
])('the sizes of %s are what others are compared with: %#', async (_, event, payload, kept) => {
  const bare = bareHost(folder, folder)
  const host: Host = {
    ...bare,
    environment: { ...bare.environment, ...service.environment() },
    event: { ...bare.event, repository: 'octo/addons', ref: 'refs/heads/main', ...event },
    payload,
  }
  const options = { targets: ['a'], comment: 'never', baseline: { kind: 'auto' } } as const
  const outputs = { output: () => {}, summary: async () => {} }
  await deliverReport(report([addon([target('amd64', { size: first(1_000_000) })])]), options, host, outputs)
  expect(bare.said.map(({ code }) => code)).not.toContain('report/not-written')
  expect(service.entries.filter(({ finalised }) => finalised)).toHaveLength(kept)
})
