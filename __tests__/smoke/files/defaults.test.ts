import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parseDocument } from 'yaml'
import { statements } from '../../../scripts/recorder-database.ts'
import { defaultFiles } from '../../../src/smoke/files/defaults.ts'

const now = Date.UTC(2026, 5)

test('there are files for the certificate and for Home Assistant, each only if its folder is mapped', async () => {
  const paths = async (...folders: Parameters<typeof defaultFiles>[0] extends ReadonlySet<infer T> ? T[] : never) =>
    (await defaultFiles(new Set(folders), now)).map(({ folder, path }) => `${folder}/${path}`)
  expect(await paths('data', 'share', 'media', 'backup', 'addons')).toEqual([])
  expect(await paths('ssl')).toEqual(['ssl/fullchain.pem', 'ssl/privkey.pem'])
  expect((await paths('homeassistant')).sort()).toEqual([
    'homeassistant/.HA_VERSION',
    'homeassistant/automations.yaml',
    'homeassistant/configuration.yaml',
    'homeassistant/home-assistant_v2.db',
    'homeassistant/scenes.yaml',
    'homeassistant/scripts.yaml',
    'homeassistant/secrets.yaml',
  ])
})

test('only root reads the private key', async () => {
  const files = await defaultFiles(new Set(['ssl'] as const), now)
  expect(files.map(({ path, mode }) => [path, mode])).toEqual([
    ['fullchain.pem', 0o644],
    ['privkey.pem', 0o600],
  ])
})

test('the configuration is YAML, and includes files that are there', async () => {
  const files = await defaultFiles(new Set(['homeassistant'] as const), now)
  const text = files.find(({ path }) => path === 'configuration.yaml')?.content.toString() ?? ''
  expect(parseDocument(text).errors).toEqual([])
  const included = [...text.matchAll(/!include (\S+)/g)].map(([, name]) => name)
  expect(included).toEqual(['automations.yaml', 'scripts.yaml', 'scenes.yaml'])
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(included))
})

describe('the database of the recorder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-recorder-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('has the tables of the recorder and no rows', async () => {
    const files = await defaultFiles(new Set(['homeassistant'] as const), now)
    const file = join(folder, 'home-assistant_v2.db')
    writeFileSync(file, files.find(({ path }) => path === 'home-assistant_v2.db')?.content ?? '')
    const database = new DatabaseSync(file)
    try {
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      const made = database.prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL').all()
      // As the script makes it: who changes the script has to run it.
      expect(made.map(({ sql }) => sql).sort()).toEqual([...statements()].sort())
      const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
      const names = tables.map(({ name }) => String(name))
      expect(names).toEqual([
        'event_data',
        'event_types',
        'events',
        'migration_changes',
        'recorder_runs',
        'schema_changes',
        'state_attributes',
        'states',
        'states_meta',
        'statistics',
        'statistics_meta',
        'statistics_runs',
        'statistics_short_term',
      ])
      for (const name of names)
        expect(database.prepare(`SELECT count(*) AS rows FROM ${name}`).get()).toEqual({ rows: 0 })
    } finally {
      database.close()
    }
  })

  test('answers the usual question of an add-on', () => {
    const database = new DatabaseSync(join(folder, 'home-assistant_v2.db'))
    try {
      const question = `SELECT m.entity_id, s.state, a.shared_attrs FROM states s JOIN states_meta m ON m.metadata_id = s.metadata_id
        LEFT JOIN state_attributes a ON a.attributes_id = s.attributes_id ORDER BY s.last_updated_ts`
      expect(database.prepare(question).all()).toEqual([])
    } finally {
      database.close()
    }
  })
})
