import { afterAll, expect, test } from '@jest/globals'
import { readConfigFile } from '../../src/addon/config/config-file.ts'
import { isError } from '../../src/core/diagnostics.ts'
import { openTestNetwork } from '../../src/smoke/network/test-network.ts'
import { describeWith } from '../environment/describe-with.ts'
import type { AddonCase } from './addon-cases/addon-case.ts'
import { apiCases } from './addon-cases/api.ts'
import { folderCases } from './addon-cases/folders.ts'
import { serviceCases } from './addon-cases/services.ts'
import { leftovers, makeHost, pool, removeFolders, type SmokeTrial, trySmoke } from './smoke-fixture.ts'

const limitMs = 330_000
const addons = [...serviceCases, ...folderCases, ...apiCases]

/** The name of the test's image must be one that Docker takes. */
const imageName = ({ name }: AddonCase): string => name.replaceAll('_', '-')

function readConfig({ name, config = '' }: AddonCase): ReturnType<typeof readConfigFile>['config'] {
  const text = `name: ${name}\nversion: "1.0.0"\nslug: ${name}\ndescription: An add-on\narch: [amd64, aarch64]\n${config}\n`
  const read = readConfigFile(text, `${name}/config.yaml`)
  expect(read.diagnostics.filter(isError)).toEqual([])
  return read.config
}

// Add-ons that work on a device, and their twins that do not: the verdict is that of a device.
describeWith(['engine', 'bases'], 'the smoke test of an add-on', () => {
  // Mostly waiting.
  const run = pool(4)
  const host = makeHost()
  afterAll(removeFolders)
  afterAll(async () => {
    expect(await leftovers(host)).toEqual([])
  }, limitMs)

  const tryAddon = (addon: AddonCase, changes: Partial<SmokeTrial> = {}, own = host) => {
    const { name, base = 's6', lines, options, status } = addon
    return trySmoke(
      {
        ...{ name: imageName(addon), addon: name, base, lines, run: readConfig(addon).run },
        // A broken add-on has all the time to show it.
        options: { smokeTimeoutMs: status === 'failed' ? 60_000 : 20_000, ...options },
        ...changes,
      },
      own,
    )
  }

  test.concurrent.each(addons)(
    'that $title',
    (addon) =>
      run(async () => {
        const { status, reason = /./, warnings = [] } = addon
        const result = await tryAddon(addon)
        // In one text, so that a wrong verdict is shown with its reason.
        expect(`${result.status}: ${result.reason}`).toMatch(new RegExp(`^${status}: .*${reason.source}`, 's'))
        // What s6 writes while it stops everything explains nothing.
        expect(result.reason).not.toMatch(/s6-rc: info|successfully stopped|successfully started/)
        const found = result.checks.filter((check) => check.status === 'warn').map((check) => check.name)
        if (status === 'passed') expect(found).toEqual(warnings)
      }),
    limitMs,
  )

  test.concurrent.each(apiCases.filter(({ name }) => name.startsWith('websocket')))(
    'that $title, also if the Supervisor mock is in a container',
    (addon) =>
      run(async () => {
        const own = makeHost()
        const result = await tryAddon(addon, { open: (one) => openTestNetwork(one, ['relay']) }, own)
        expect(`${result.status}: ${result.reason}`).toMatch(
          new RegExp(`^${addon.status}: .*${addon.reason?.source ?? ''}`, 's'),
        )
        expect(await leftovers(own)).toEqual([])
      }),
    limitMs,
  )

  test.concurrent(
    'that has services below s6-overlay passes every check, also those that start it again',
    () =>
      run(async () => {
        const addon = serviceCases.find(({ name }) => name === 'hello')
        if (!addon) throw new Error('There is no such add-on.')
        const result = await tryAddon(addon, { furtherRuns: true })
        for (const name of ['restart', 'read-only', 'capabilities', 'network']) {
          expect(result.checks).toContainEqual(expect.objectContaining({ name, status: 'pass' }))
        }
      }),
    limitMs,
  )
})
