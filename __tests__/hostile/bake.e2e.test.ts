import { execFileSync } from 'node:child_process'
import { expect, jest, test } from '@jest/globals'
import { memoryFiles } from '../../src/addon/files.ts'
import { readAddons } from '../../src/addon/read.ts'
import { bakeDefinition } from '../../src/docker/build-command.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Target } from '../../src/plan/plan.ts'
import { optionsOf, pushToMain } from '../addon/corpus.ts'
import { describeWith } from '../testbed/describe-with.ts'
import { settingOf } from './arguments.ts'
import { config, dockerfile } from './checkout.ts'
import { payloads } from './payloads.ts'

jest.setTimeout(120_000)

/** A target with a payload in everything that a file may put into the definition of a build. */
async function targetWith(payload: string): Promise<Target | undefined> {
  const text = JSON.stringify(payload)
  const files = new Map([
    [
      'a/config.yaml',
      config('a').replace('name: N', `name: ${text}`).replace('description: d', `description: ${text}`),
    ],
    ['a/build.yaml', `args: {A: ${text}}\nlabels: {a: ${text}, "\${a}%{b}": ${text}}\n`],
    ['a/Dockerfile', dockerfile],
  ])
  const options = await optionsOf({ target: 'a' })
  const { addons } = await readAddons(options, memoryFiles(files))
  return makePlan(addons, options, pushToMain).plan?.addons[0]?.targets[0]
}

/** HCL leaves out a byte order mark, and no program can be handed half a surrogate. */
const texts = payloads.filter((payload) => payload !== '\uFEFF' && payload.isWellFormed())

describeWith(['engine'], 'the definition of several builds', () => {
  test('says the same to buildx as was planned, whatever the files say', async () => {
    const planned = await Promise.all(texts.map(targetWith))
    const targets = new Map(
      planned.flatMap((target, index) =>
        target ? [[`t${index}`, { target, setting: settingOf('/workspace') }] as const] : [],
      ),
    )
    expect(targets.size).toBeGreaterThan(texts.length - 5)
    const printed = execFileSync('docker', ['buildx', 'bake', '--file', '-', '--print', ...targets.keys()], {
      input: bakeDefinition(targets),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    // Source: buildx bake/bake.go, Target.MarshalJSON, escapes values so that what it prints is a definition again.
    const plain = (_: string, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(/([$%])\1\{/g, '$1{') : value
    const read = JSON.parse(printed, plain) as {
      target: Record<string, { args: object; labels: object; platforms: string[] }>
    }
    for (const [name, { target }] of targets) {
      expect(read.target[name]).toMatchObject({
        args: Object.fromEntries(target.buildArguments),
        labels: Object.fromEntries(target.labels),
        platforms: [target.platform],
        context: '/workspace/a',
      })
    }
  })
})
