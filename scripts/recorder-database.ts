// Writes src/smoke/files/recorder-database.ts: the database of Home Assistant's recorder as on a fresh installation, without rows. The result is
// committed, because Node 20 has no SQLite. Names and types of the columns are facts of Home Assistant, components/recorder/db_schema.py.
// Usage: node scripts/recorder-database.ts (Node 24)
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'

type Column = readonly [name: string, type: string]

interface Table {
  readonly columns: readonly Column[]
  /** Each by its columns. */
  readonly indexes?: readonly string[]
  readonly unique?: readonly string[]
}

const id = 'INTEGER NOT NULL PRIMARY KEY'
const context = ['context_id', 'context_user_id', 'context_parent_id']
const unused = (...names: string[]): readonly Column[] => names.map((name) => [name, 'CHAR(0)'])
const floats = (...names: string[]): readonly Column[] => names.map((name) => [name, 'FLOAT'])
const binaryContext: readonly Column[] = context.map((name) => [`${name}_bin`, 'BLOB'])
const reference = (table: string, column: string): string => `INTEGER REFERENCES ${table} (${column})`

const statistics: readonly Column[] = [
  ['id', id],
  ...unused('created'),
  ...floats('created_ts'),
  ['metadata_id', `${reference('statistics_meta', 'id')} ON DELETE CASCADE`],
  ...unused('start'),
  ...floats('start_ts', 'mean', 'min', 'max'),
  ...unused('last_reset'),
  ...floats('last_reset_ts', 'state', 'sum'),
]

const tables: Readonly<Record<string, Table>> = {
  event_data: {
    columns: [
      ['data_id', id],
      ['hash', 'BIGINT'],
      ['shared_data', 'TEXT'],
    ],
    indexes: ['hash'],
  },
  event_types: {
    columns: [
      ['event_type_id', id],
      ['event_type', 'VARCHAR(64)'],
    ],
    unique: ['event_type'],
  },
  state_attributes: {
    columns: [
      ['attributes_id', id],
      ['hash', 'BIGINT'],
      ['shared_attrs', 'TEXT'],
    ],
    indexes: ['hash'],
  },
  states_meta: {
    columns: [
      ['metadata_id', id],
      ['entity_id', 'VARCHAR(255)'],
    ],
    unique: ['entity_id'],
  },
  statistics_meta: {
    columns: [
      ['id', id],
      ['statistic_id', 'VARCHAR(255)'],
      ['source', 'VARCHAR(32)'],
      ['unit_of_measurement', 'VARCHAR(255)'],
      ['unit_class', 'VARCHAR(255)'],
      ['has_mean', 'BOOLEAN'],
      ['has_sum', 'BOOLEAN'],
      ['name', 'VARCHAR(255)'],
      ['mean_type', 'SMALLINT NOT NULL DEFAULT 0'],
    ],
    unique: ['statistic_id'],
  },
  recorder_runs: {
    columns: [
      ['run_id', id],
      ['start', 'DATETIME NOT NULL'],
      ['end', 'DATETIME'],
      ['closed_incorrect', 'BOOLEAN NOT NULL'],
      ['created', 'DATETIME NOT NULL'],
    ],
    indexes: ['start,end'],
  },
  migration_changes: {
    columns: [
      ['migration_id', 'VARCHAR(255) NOT NULL PRIMARY KEY'],
      ['version', 'SMALLINT NOT NULL'],
    ],
  },
  schema_changes: {
    columns: [
      ['change_id', id],
      ['schema_version', 'INTEGER'],
      ['changed', 'DATETIME NOT NULL'],
    ],
  },
  statistics_runs: {
    columns: [
      ['run_id', id],
      ['start', 'DATETIME NOT NULL'],
    ],
    indexes: ['start'],
  },
  events: {
    columns: [
      ['event_id', id],
      ...unused('event_type', 'event_data', 'origin'),
      ['origin_idx', 'SMALLINT'],
      ...unused('time_fired'),
      ...floats('time_fired_ts'),
      ...unused(...context),
      ['data_id', reference('event_data', 'data_id')],
      ...binaryContext,
      ['event_type_id', reference('event_types', 'event_type_id')],
    ],
    indexes: ['time_fired_ts', 'data_id', 'context_id_bin', 'event_type_id,time_fired_ts'],
  },
  states: {
    columns: [
      ['state_id', id],
      ...unused('entity_id'),
      ['state', 'VARCHAR(255)'],
      ...unused('attributes'),
      ['event_id', 'SMALLINT'],
      ...unused('last_changed'),
      ...floats('last_changed_ts', 'last_reported_ts'),
      ...unused('last_updated'),
      ...floats('last_updated_ts'),
      ['old_state_id', reference('states', 'state_id')],
      ['attributes_id', reference('state_attributes', 'attributes_id')],
      ...unused(...context),
      ['origin_idx', 'SMALLINT'],
      ...binaryContext,
      ['metadata_id', reference('states_meta', 'metadata_id')],
    ],
    indexes: ['last_updated_ts', 'old_state_id', 'attributes_id', 'context_id_bin', 'metadata_id,last_updated_ts'],
  },
  statistics: { columns: statistics, indexes: ['start_ts'], unique: ['metadata_id,start_ts'] },
  statistics_short_term: { columns: statistics, indexes: ['start_ts'], unique: ['metadata_id,start_ts'] },
}

const quoted = (name: string): string => `"${name}"`

function indexSql(table: string, list: string, kind: 'INDEX' | 'UNIQUE INDEX'): string {
  const columns = list.split(',')
  const name = list.replace('metadata_id,start_ts', 'statistic_id_start_ts').replaceAll(',', '_')
  return `CREATE ${kind} ix_${table}_${name} ON ${table} (${columns.map(quoted).join(', ')})`
}

/** The statements that make the database. */
export const statements = (): readonly string[] =>
  Object.entries(tables).flatMap(([table, { columns, indexes = [], unique = [] }]) => [
    `CREATE TABLE ${table} (${columns.map(([name, type]) => `${quoted(name)} ${type}`).join(', ')})`,
    ...indexes.map((one) => indexSql(table, one, 'INDEX')),
    ...unique.map((one) => indexSql(table, one, 'UNIQUE INDEX')),
  ])

function database(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'))
  try {
    const file = join(folder, 'home-assistant_v2.db')
    const db = new DatabaseSync(file)
    for (const statement of statements()) db.exec(statement)
    db.close()
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const text = gzipSync(database(), { level: 9 }).toString('base64')
  writeFileSync(
    new URL('../src/smoke/files/recorder-database.ts', import.meta.url),
    `// biome-ignore-all format: generated by scripts/recorder-database.ts. Change it there.
/** A SQLite database, compressed with gzip, as base64. */
export const recorderDatabase =
  '${text}'
`,
  )
}
