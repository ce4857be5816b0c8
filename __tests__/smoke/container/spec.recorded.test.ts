import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { isError } from '../../../src/core/diagnostics.ts'
import { loadPatterns } from '../../../src/smoke/options/patterns.ts'
import { validateOptions } from '../../../src/smoke/options/schema.ts'
import {
  configOf,
  type DockerConfig,
  deliberate,
  differences,
  expectedOf,
  folder,
  recorded,
  specOf,
  unexplained,
} from './recorded-containers.ts'

const names = Object.keys(recorded)
const found = (name: string) => differences(recorded[name]?.config as DockerConfig, expectedOf(specOf(name)))

test('a config.yaml is there for each recording, of at least 16 add-ons', () => {
  const files = readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []))
  expect(files.sort()).toEqual([...names].sort())
  expect(names.filter((name) => !name.startsWith('v_')).length).toBeGreaterThanOrEqual(16)
})

test.each(names)('the container of %s is as the Supervisor makes it, apart from what is deliberate', (name) => {
  expect(unexplained(found(name))).toEqual([])
})

test('each deliberate difference is one', () => {
  const all = names.flatMap(found)
  expect(deliberate.filter(([pattern]) => !all.some((text) => pattern.test(text)))).toEqual([])
})

test.each(names)('%s has the recorded timeout and ingress port', (name) => {
  const { run } = configOf(name)
  expect([run.timeout, run.ingressPort]).toEqual([recorded[name]?.timeout, recorded[name]?.ingress_port])
})

/** The Supervisor checks a device against the machine. Two are reconstructed without their options. */
const otherOptions = ['v_ports', 'ftp', 'tor']

test.each(names.filter((name) => !otherOptions.includes(name)))(
  '%s gets the recorded options, or is refused for the recorded reason',
  async (name) => {
    const { run } = configOf(name)
    const patterns = await loadPatterns(run.schema)
    const { options, problems } = validateOptions(run.options, run.schema, { compare: patterns?.() })
    const refused = problems.filter(isError).map(({ message }) => message)
    const { options: theirs, options_error: why } = recorded[name] ?? {}
    const missing = /^Missing (?:required )?option '(\w+)'/.exec(why ?? '')?.[1]
    if (missing === undefined) expect([options, refused]).toEqual([theirs, []])
    // Ours lists all, with their path; the Supervisor stops at the first.
    else expect(refused).toContainEqual(expect.stringMatching(`^Option "(\\w+\\.)*${missing}(\\.0)?" is required`))
  },
)
