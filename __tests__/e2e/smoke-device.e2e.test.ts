import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { readFacts } from '../environment/facts.ts'
import { type Job, startJob } from '../fakes/runner/runner.ts'
import { leftInDocker } from '../faults/fault-job.ts'
import { addonFiles } from './addon.ts'

jest.setTimeout(240_000)

const { bases } = readFacts()

/** Serves HTTP once everything that a device has is there. */
const serve = 'mkdir -p /tmp/www && echo ok > /tmp/www/index.html && exec httpd -f -p 8000 -h /tmp/www'
const device = [
  'grep -q "PRIVATE KEY" /ssl/privkey.pem',
  'grep -q CERTIFICATE /ssl/fullchain.pem',
  'head -c 15 /homeassistant/home-assistant_v2.db | grep -q "SQLite format 3"',
  'grep -q default_config /homeassistant/configuration.yaml',
  'grep -q "from the repository" /share/greeting',
  'grep -qw homeassistant.local.hass.io /etc/hosts',
]

/** The committed bundle with the defaults of action.yml, on an add-on that maps folders. */
async function runWith(
  addon: { readonly command: string; readonly config?: string },
  inputs: Readonly<Record<string, string>> = {},
  put: (job: Job) => unknown = () => {},
) {
  const config = addon.config ?? 'map: [ssl, "homeassistant_config:rw", "share:rw"]'
  const files = addonFiles({ base: bases?.tiny ?? '', architectures: ['amd64'], command: addon.command, config })
  const job = await startJob({
    files: { ...files, 'tiny/.aicleaner/share/greeting': 'from the repository\n' },
    inputs: { target: 'tiny', audit: 'off', comment: 'false', ...inputs },
  })
  await put(job)
  const result = await job.main().done
  expect((await job.post()).exitCode).toBe(0)
  expect(await leftInDocker(result)).toEqual([])
  await job.end()
  return result
}

test.concurrent('an add-on finds what it would find on a device, and files of its repository', async () => {
  const result = await runWith({ command: [...device, serve].join(' && ') })
  expect([result.exitCode, result.outputs.smoke]).toEqual([0, 'passed'])
  expect(result.log).toMatch(/✓ restart: starts again on the same \/data/)
})

test.concurrent('the same add-on fails if one of it is missing, on each of its tries', async () => {
  const command = ['grep -q other /share/greeting || { echo "FATAL: no greeting"; exit 3; }', serve].join('; ')
  const result = await runWith({ command }, { 'smoke-retries': '1' })
  expect([result.exitCode, result.outputs.smoke]).toEqual([1, 'failed'])
  expect(result.log).toMatch(/exit code 3; it reported: FATAL: no greeting \(2 tries failed\)/)
  expect(result.log).toMatch(/try 1 failed: .*try 2:/s)
  expect(result.summary).toMatch(/container output of try 1.*container output of try 2/s)
})

test.concurrent('a link among the files of the repository fails the test, and is not followed', async () => {
  const result = await runWith({ command: serve }, {}, (job) =>
    symlink('/etc/passwd', join(job.workspace, 'tiny/.aicleaner/share/link')),
  )
  expect([result.exitCode, result.outputs.smoke]).toEqual([1, 'failed'])
  expect(result.log).toMatch(/"tiny\/\.aicleaner\/share\/link" is a link/)
  expect(result.log).not.toContain('root:')
})

test.concurrent.each([
  ['smoke-run-args', '--volume /tmp:/ssl', 'mounts something at "/ssl"'],
  ['smoke-files', '../elsewhere', 'smoke-files'],
  ['smoke-retries', '9', 'smoke-retries'],
])('%s: %s is an error of the inputs, before anything is built', async (name, value, text) => {
  const result = await runWith({ command: serve }, { [name]: value })
  expect(result.exitCode).toBe(2)
  expect(result.log).toContain(text)
  expect(result.log).toContain('Nothing was built.')
})
