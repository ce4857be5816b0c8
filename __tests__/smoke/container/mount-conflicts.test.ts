import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RunConfig } from '../../../src/addon/addon.ts'
import type { PlannedAddon } from '../../../src/plan/plan.ts'
import { mountConflicts, mountTargets } from '../../../src/smoke/container/mount-conflicts.ts'
import { runConfig, target } from '../../fixtures/target.ts'

describe('the paths at which arguments mount something', () => {
  test.each([
    [['--volume', 'x:/ssl'], ['/ssl']],
    [['--volume=x:/ssl'], ['/ssl']],
    [['-v', '/host:/ssl:ro'], ['/ssl']],
    [['-v/host:/ssl'], ['/ssl']],
    [['-v=/host:/ssl'], ['/ssl']],
    [['-v', '/ssl'], ['/ssl']],
    [['--volume', 'x:/ssl/'], ['/ssl']],
    [['--volume', 'x:/a/..//ssl/.'], ['/ssl']],
    [['--mount', 'type=bind,source=/x,target=/ssl'], ['/ssl']],
    [['--mount=type=volume,dst=/ssl,readonly'], ['/ssl']],
    [['--mount', 'type=tmpfs,destination=/ssl'], ['/ssl']],
    [['--mount', 'type=tmpfs,Target=/ssl'], ['/ssl']],
    [['--mount', '"source=/a,target=/b",target=/ssl'], ['/ssl']],
    [['--mount', 'type=volume,"target=/s,s"'], ['/s,s']],
    [['--mount', 'type=volume,source=x'], []],
    [['--tmpfs', '/ssl'], ['/ssl']],
    [['--tmpfs=/ssl:size=1m,mode=755'], ['/ssl']],
    [['--volume'], []],
    [['--volumes-from', 'x:/ssl'], []],
    [['--env', 'A=--volume'], []],
    [['--name', '/ssl', '--dns', '1.1.1.1'], []],
    [
      ['-v', 'a:/share', '--tmpfs', '/ssl', '--init'],
      ['/share', '/ssl'],
    ],
  ])('%j: %j', (args, expected) => {
    expect(mountTargets(args)).toEqual(expected)
  })

  test('are found in any text', () => {
    const option = fc.constantFrom('-v', '--volume', '--mount', '--tmpfs', '--mount=', '--volume=', '-v')
    const text = fc.string({ unit: fc.constantFrom('"', ',', '=', ':', '/', 'target', 'x', '\n'), maxLength: 40 })
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            option,
            text,
            fc.tuple(option, text).map((parts) => parts.join('')),
          ),
        ),
        (args) => {
          for (const path of mountTargets(args)) expect(path.startsWith('/')).toBe(true)
        },
      ),
    )
  })
})

const addon = (slug: string, map: RunConfig['map']): PlannedAddon => ({
  ...{ slug, name: slug, folder: slug, version: '1' },
  targets: ['amd64', 'aarch64'].map(() => target({ addon: slug, run: runConfig({ map }) })),
})

const conflicts = (args: readonly string[], ...addons: readonly PlannedAddon[]) =>
  mountConflicts({ addons }, { smokeTest: true, smokeRunArguments: args }).map(({ code, message }) => [
    code,
    message.replaceAll(/.* at (\S+), .* (\S+) has a folder\./g, '$1 $2'),
  ])

test('a conflict is told once for each add-on and folder', () => {
  const ssl = addon('a', [
    { type: 'ssl', readOnly: true },
    { type: 'share', readOnly: true, path: '/mine/' },
  ])
  const none = addon('b', [])
  expect(conflicts(['-v', 'x:/ssl', '--tmpfs', '/mine', '-v', 'x:/ssl'], ssl, none)).toEqual([
    ['input/mount-conflict', '"/ssl" "a"'],
    ['input/mount-conflict', '"/mine" "a"'],
  ])
  expect(conflicts(['-v', 'x:/data'], none)).toEqual([['input/mount-conflict', '"/data" "b"']])
})

test('other paths, and those below a mapped folder, are none', () => {
  const ssl = addon('a', [{ type: 'ssl', readOnly: true }])
  expect(conflicts(['-v', 'x:/share', '-v', 'x:/ssl/sub', '-v', 'x:/ss', '--dns', '/ssl'], ssl)).toEqual([])
})

test('without a smoke test there is no conflict', () => {
  const addons = [addon('a', [])]
  expect(mountConflicts({ addons }, { smokeTest: false, smokeRunArguments: ['-v', 'x:/data'] })).toEqual([])
})
