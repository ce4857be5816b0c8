import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { describeWith } from '../../environment/describe-with.ts'
import { file, makeHost, removeFolders, trySmoke } from '../smoke-fixture.ts'

const limitMs = 330_000

/** Home Assistant's own client of the Supervisor, as an add-on. It needs Python 3.13, but only for the syntax of one class. */
const client = [
  'RUN pip install --quiet --break-system-packages --ignore-requires-python aiohasupervisor==0.11.0',
  `RUN sed -i -e 's/^class _ResponseIterator\\[T\\](ABC):/from typing import Generic, TypeVar\\nT = TypeVar("T")\\nclass _ResponseIterator(ABC, Generic[T]):/' "$(find / -path '*/aiohasupervisor/utils/aiohttp.py' -not -path '/proc/*')"`,
  file('/client.py', readFileSync(join(import.meta.dirname, 'client.py'), 'utf8')),
  // Only what fails has its log in the result.
  'CMD ["sh", "-c", "python3 /client.py && exit 7"]',
]

/** What fails, and why: the recorded Supervisor refuses the same. */
const deliberate: readonly (readonly [method: RegExp, reason: string])[] = [
  [/^addons\.addon_info$/, 'the client is newer: it expects "log_format"'],
  [/^time\.info$/, 'the client is newer: Supervisor 2026.08 has no such route'],
  [/^backups\.(backup_info|remove_backup)$/, 'there is no backup'],
  [/^discovery\.(list|get)$/, 'only Home Assistant may read messages'],
  [/^(discovery\.delete|jobs\.(get|delete)_job)$/, 'there is no such message or job'],
  [/^resolution\.(dismiss_issue|suggestions_for_issue)$/, 'there is no such issue'],
  [/^ingress\.create_session$/, 'only Home Assistant may open sessions'],
  [/^network\.access_points$/, 'the interface has no radio'],
  [
    /^os\.(config_sync|wipe_data|swap_info|green_info|raspberry_pi_firmware_info|update_raspberry_pi_firmware)$/,
    'there is no Home Assistant OS',
  ],
  [/^supervisor\.update$/, 'there is no update'],
]

describeWith(['engine', 'bases'], "Home Assistant's client of the Supervisor", () => {
  afterAll(removeFolders)

  test(
    'reads all answers of the mock',
    async () => {
      const { reason, evidence } = await trySmoke(
        {
          ...{ name: 'client', base: 'python', addon: 'client', lines: client },
          run: {
            ...{ startup: 'once', hassioApi: true, hassioRole: 'admin', homeassistantApi: true, authApi: true },
            ...{ options: { level: 1 }, schema: { level: 'int' } },
          },
          options: { smokeTimeoutMs: 120_000 },
        },
        makeHost(),
      )
      expect(reason).toContain('exit code 7')
      const answers = (evidence?.stdout ?? []).map((line) => JSON.parse(line) as { method: string; error?: string })
      const failed = answers.filter(({ error }) => error !== undefined)
      process.stdout.write(`aiohasupervisor: ${answers.length - failed.length} of ${answers.length} methods succeed\n`)
      expect(failed.filter(({ method }) => !deliberate.some(([pattern]) => pattern.test(method)))).toEqual([])
      expect(answers.length - failed.length).toBeGreaterThanOrEqual(55)
      expect(deliberate.filter(([pattern]) => !failed.some(({ method }) => pattern.test(method)))).toEqual([])
    },
    limitMs,
  )
})
