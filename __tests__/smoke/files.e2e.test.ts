import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { checkOf, file, leftovers, makeHost, removeFolders, trySmoke } from './smoke-fixture.ts'

const limitMs = 120_000

/** An add-on that runs these Python statements once. Its test passes if none of them fails. */
const once = (name: string, ...statements: readonly string[]) => ({
  name,
  base: 'python' as const,
  lines: [file('/check.py', statements.join('\n')), 'ENTRYPOINT ["python3", "/check.py"]'],
})

describeWith(['engine', 'bases'], 'the files in the folders that an add-on maps', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'aicleaner-workspace-'))
  const host = makeHost({ workspace })
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), content)
  }
  afterAll(() => rmSync(workspace, { recursive: true }))
  afterAll(removeFolders)
  afterAll(async () => {
    expect(await leftovers(host)).toEqual([])
  }, limitMs)

  test(
    'are a certificate with its key, and the files of Home Assistant with a database; read-only if the folder is',
    async () => {
      const result = await trySmoke(
        {
          ...once(
            'defaults',
            'import os, sqlite3, ssl',
            'ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain("/ssl/fullchain.pem", "/ssl/privkey.pem")',
            'assert os.stat("/ssl/privkey.pem").st_mode & 0o777 == 0o600',
            'try: open("/ssl/new", "w")',
            'except OSError: pass',
            'else: raise SystemExit("/ssl is writable")',
            'assert "default_config:" in open("/homeassistant/configuration.yaml").read()',
            'database = sqlite3.connect("/homeassistant/home-assistant_v2.db")',
            'assert database.execute("SELECT count(*) FROM states").fetchone() == (0,)',
            'open("/homeassistant/new", "w").write("x")',
            'assert os.listdir("/share") == []',
          ),
          run: {
            startup: 'once',
            map: [
              { type: 'ssl', readOnly: true },
              { type: 'homeassistant_config', readOnly: false },
              { type: 'share', readOnly: false },
            ],
          },
        },
        host,
      )
      expect(result).toMatchObject({ status: 'passed' })
    },
    limitMs,
  )

  test(
    'are not written again for the restart, which finds what the add-on wrote',
    async () => {
      const result = await trySmoke(
        {
          ...once(
            'restart',
            'import os, time',
            'file = "/homeassistant/configuration.yaml"',
            'if os.path.exists("/data/started"): assert open(file).read() == "mine", "it was written again"',
            'open(file, "w").write("mine")',
            'open("/data/started", "w")',
            'time.sleep(1000)',
          ),
          options: {
            smokeChecks: new Map([
              ...(['read-only', 'capabilities', 'network'] as const).map((name) => [name, 'off'] as const),
              ['restart', 'fail'],
            ]),
          },
          run: { map: [{ type: 'homeassistant_config', readOnly: false }] },
        },
        host,
      )
      expect(checkOf(result, 'restart')).toMatchObject({ status: 'pass' })
      expect(result.status).toBe('passed')
    },
    limitMs,
  )

  test(
    'are those of the repository, byte for byte, before those of a fresh installation',
    async () => {
      const long = `share/${'long-name/'.repeat(15)}ä.bin`
      write('files/homeassistant/configuration.yaml', 'mine: true')
      write('files/data/state.json', '{}')
      write(
        `files/${long}`,
        Uint8Array.from({ length: 256 }, (_, index) => index),
      )
      const result = await trySmoke(
        {
          ...once(
            'own',
            'import os',
            'assert open("/config/configuration.yaml").read() == "mine: true"',
            'assert open("/config/automations.yaml").read() == "[]\\n"',
            'assert sorted(os.listdir("/data")) == ["options.json", "state.json"]',
            `assert open("/${long}", "rb").read() == bytes(range(256))`,
          ),
          run: {
            startup: 'once',
            map: [
              { type: 'config', readOnly: true },
              { type: 'share', readOnly: true },
            ],
          },
          options: { smokeFiles: 'files' },
        },
        host,
      )
      expect(result).toMatchObject({ status: 'passed' })
    },
    limitMs,
  )

  test(
    'are refused if one is a link, before a container is created',
    async () => {
      write('linked/share/a', '')
      symlinkSync('/etc/passwd', join(workspace, 'linked/share/passwd'))
      const result = await trySmoke(
        {
          ...once('linked', ''),
          run: { map: [{ type: 'share', readOnly: true }] },
          options: { smokeFiles: 'linked' },
        },
        host,
      )
      expect(result).toMatchObject({ status: 'failed', diagnostics: [{ code: 'smoke/not-a-file' }] })
      expect(result.checks.map(({ name }) => name)).not.toContain('starts')
      expect(checkOf(result, 'files').reason).toContain('"linked/share/passwd" is a link.')
    },
    limitMs,
  )
})
