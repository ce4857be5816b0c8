import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { describeWith } from '../../environment/describe-with.ts'
import { file, makeHost, removeFolders, trySmoke } from '../smoke-fixture.ts'

const limitMs = 330_000

/** The client, and its dependencies in the versions that it is developed with. */
const packages = ['aiohasupervisor==0.11.0', 'aiohttp==3.14.5', 'mashumaro==3.23', 'orjson==3.13.0']

/** Home Assistant's own client of the Supervisor, as an add-on. It needs Python 3.13, but only for the syntax of one class. */
const client = [
  `RUN pip install --quiet --break-system-packages --ignore-requires-python --only-binary :all: ${packages.join(' ')}`,
  `RUN sed -i -e 's/^class _ResponseIterator\\[T\\](ABC):/from typing import Generic, TypeVar\\nT = TypeVar("T")\\nclass _ResponseIterator(ABC, Generic[T]):/' "$(find / -path '*/aiohasupervisor/utils/aiohttp.py' -not -path '/proc/*')"`,
  file('/client.py', readFileSync(join(import.meta.dirname, 'client.py'), 'utf8')),
  // Only what fails has its log in the result.
  'CMD ["sh", "-c", "python3 /client.py && exit 7"]',
]

/** What fails, as the method and the error, with the reason. */
const deliberate: readonly (readonly [failure: RegExp, reason: string])[] = [
  [/^addons\.addon_info MissingField: Field "log_format" /, 'the client is newer than the recorded Supervisor'],
  [/^time\.(info|set_options) SupervisorNotFoundError: $/, 'the client is newer than the recorded Supervisor'],
  [/^backups\..* Backup does not exist$/, 'there is no backup'],
  [/^mounts\.(delete|reload|update)_mount .* No mount exists with name share$/, 'the mock keeps no mounts'],
  [/^discovery\.(list|get) SupervisorAuthenticationError: $/, 'only Home Assistant may read messages'],
  [/^discovery\.delete .* Discovery message not found$/, 'there is no such message'],
  [/^ingress\.(create|validate)_session SupervisorAuthenticationError: $/, 'only Home Assistant has sessions'],
  [/^jobs\.(get|delete)_job .* Job does not exist$/, 'there is no such job'],
  [/^resolution\..* ResolutionIssueNotFoundError: /, 'there is no such issue'],
  [/^resolution\..* ResolutionSuggestionNotFoundError: /, 'there is no such suggestion'],
  [/^network\.access_points .* not a valid wireless card!$/, 'the interface has no radio'],
  [/^os\..* no Home Assistant OS available$/, 'there is no Home Assistant OS'],
  [/^os\..* Home Assistant OS 15\.0 or newer required/, 'there is no Home Assistant OS'],
  [/^os\..* board is not in use$/, 'the machine is no such board'],
  [/^store\.install_addon .* is already installed$/, 'it is the add-on itself'],
  [/^(store\.update_addon|supervisor\.update) .* No .*update available /, 'there is no update'],
  [/^store\.remove_repository .* built-in repositories!$/, 'the store has no others'],
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
            ...{ discovery: ['mqtt'], featureFlags: new Set(['stdin']) },
            ...{ options: { level: 1 }, schema: { level: 'int' } },
          },
          options: { smokeTimeoutMs: 120_000 },
        },
        makeHost(),
      )
      expect(reason).toContain('exit code 7')
      const answers = (evidence?.stdout ?? [])
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { method: string; error?: string })
      const failures = answers.flatMap(({ method, error }) => (error === undefined ? [] : [`${method} ${error}`]))
      const succeeded = answers.length - failures.length
      process.stdout.write(`aiohasupervisor: ${succeeded} of ${answers.length} methods succeed\n`)
      expect(failures.filter((failure) => !deliberate.some(([pattern]) => pattern.test(failure)))).toEqual([])
      expect(succeeded).toBeGreaterThanOrEqual(80)
      // A reason that nothing needs any more is to be removed.
      expect(deliberate.filter(([pattern]) => !failures.some((failure) => pattern.test(failure)))).toEqual([])
    },
    limitMs,
  )
})
