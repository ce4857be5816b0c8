import { beforeEach, describe, expect, test } from '@jest/globals'
import { type Diagnostic, error } from '../../src/core/diagnostics.ts'
import type { Host } from '../../src/core/host.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { removeUnpublished, removeUnused } from '../../src/pipeline/remove-unpublished.ts'
import { outcomeOf, type StageResults, type TargetOutcome } from '../../src/pipeline/target-outcome.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { parseRepository } from '../../src/registry/name.ts'
import type { PublishedTag } from '../../src/registry/published-tag.ts'
import type { Reason } from '../../src/report/model/report.ts'
import { target as planned } from '../fixtures/target.ts'
import { type MemoryRegistry, memoryRegistry } from '../registry/memory.ts'
import { built, target } from '../report/reports.ts'

const architectures = ['amd64', 'armv7'] as const
const imageOf = (architecture: string) => `r.example/${architecture}-addon`
const targets = architectures.map((architecture) =>
  planned({ id: `addon/${architecture}`, architecture, image: imageOf(architecture) }),
)
const plan = { addons: [{ targets }] } as unknown as Plan
const manifest = Buffer.from('{}')
const pushed = sha256(manifest)

let registry: MemoryRegistry
beforeEach(async () => {
  registry = memoryRegistry()
  for (const architecture of architectures) {
    await registry.putManifest(parseRepository(imageOf(architecture)), pushed, { bytes: manifest, mediaType: 'x' })
  }
})
const left = () => [...registry.tags.keys()].map((name) => name.split('@')[0])

const failed = (durationMs: number): TargetOutcome =>
  outcomeOf({
    report: target('armv7', { build: { status: 'failed', durationMs, emulated: false, reason: 'why', log: [] } }),
  })

async function refuse({
  gate = 'size' as Reason['gate'],
  diagnostics = [] as readonly Diagnostic[],
  outcome = { upload: { pushed: [pushed] } } as Partial<StageResults>,
  /** How long the build for armv7 took before it failed. */
  failedAfterMs = undefined as number | undefined,
}) {
  const lines: string[] = []
  const said: Diagnostic[] = []
  const log = {
    info: (line: string) => lines.push(line),
    report: (diagnostic: Diagnostic) => said.push(diagnostic),
    redact: (text: string) => text.replace('secret', '***'),
  }
  const build = { ...built(), manifestDigest: pushed }
  const found = await removeUnpublished({
    plan,
    outcomes: new Map([
      ['addon/amd64', outcomeOf({ report: target('amd64', { build }), ...outcome })],
      ...(failedAfterMs === undefined ? [] : ([['addon/armv7', failed(failedAfterMs)]] as const)),
    ]),
    verdict: {
      passed: false,
      reasons: [{ gate, message: 'why', addon: 'addon', architecture: 'armv7' }],
      warnings: [],
    },
    problems: diagnostics,
    registry,
    host: { log } as unknown as Host,
  })
  expect(said).toEqual(found)
  return { lines: lines.join('\n'), said }
}

test.each<Reason['gate']>(['build', 'smoke', 'size', 'audit'])(
  'the images of a job are deleted if %s has failed, and no others',
  async (gate) => {
    const { lines, said } = await refuse({ gate })
    expect(left()).toEqual([imageOf('armv7')])
    expect(lines).toBe(`Deleted from the registry, since it is not published: ${imageOf('amd64')}@${pushed}`)
    expect(said).toEqual([])
  },
)

test.each<[string, Parameters<typeof refuse>[0]]>([
  ['the machine of a job failed', { gate: 'environment' }],
  ['a job was cancelled', { gate: 'cancelled' }],
  ['publishing failed', { gate: 'publish' }],
  ['the machine of a job failed before its build began', { gate: 'build', failedAfterMs: 0 }],
  ['a result is missing', { gate: 'input', diagnostics: [error('publish/missing-result', 'none', '')] }],
])('images are kept for "Re-run failed jobs" if %s, and are listed in the log', async (_, how) => {
  const { lines, said } = await refuse(how)
  expect(left()).toEqual(architectures.map(imageOf))
  expect(lines).toMatch(`Re-run failed jobs" can publish it: ${imageOf('amd64')}@${pushed}`)
  expect(said).toEqual([])
})

test('images are deleted if a build has started and failed', async () => {
  await refuse({ gate: 'build', failedAfterMs: 1 })
  expect(left()).toEqual([imageOf('armv7')])
})

test.each(['publish/other-run', 'publish/two-results', 'publish/bad-result'])(
  'images are deleted if running jobs again cannot succeed: %s',
  async (code) => {
    await refuse({
      gate: 'input',
      diagnostics: [error(code, 'forged', ''), error('publish/missing-result', 'none', '')],
    })
    expect(left()).toEqual([imageOf('armv7')])
  },
)

test.each<[string, Partial<StageResults>]>([
  ['the job has not put into the registry', {}],
  ['the job found in the registry', { upload: { pushed: [] } }],
  ['is not that of the image', { report: target('amd64', { build: built(8) }), upload: { pushed: [pushed] } }],
])('a manifest that %s is kept', async (_, outcome) => {
  const { lines } = await refuse({ outcome })
  expect([left(), lines]).toEqual([architectures.map(imageOf), ''])
})

test('the manifest of an attestation is deleted with its image', async () => {
  const more = Buffer.from('{"attestation": true}')
  await registry.putManifest(parseRepository(imageOf('amd64')), sha256(more), { bytes: more, mediaType: 'x' })
  const build = { ...built(), manifestDigest: pushed }
  const report = target('amd64', { build, attestation: sha256(more) })
  await refuse({ outcome: { report, upload: { pushed: [pushed, sha256(more)] } } })
  expect(left()).toEqual([imageOf('armv7')])
})

test('images that the registry does not delete are reported with the reason', async () => {
  registry.beforeWrite = (what) => {
    if (what.startsWith('delete') && what.endsWith(pushed)) throw new Error('r.example answers 500 to secret')
  }
  const { said, lines } = await refuse({})
  expect(lines).toBe('')
  expect(said).toMatchObject([
    {
      severity: 'notice',
      code: 'publish/left-behind',
      message: expect.stringContaining(`${imageOf('amd64')}@${pushed} (r.example answers 500 to ***)`),
    },
  ])
})

describe('after "existing: keep"', () => {
  const tag = (architecture: string, kept: boolean): PublishedTag => ({
    ...{ image: imageOf(architecture), tag: '1.0', digest: pushed },
    ...(kept && { kept: true }),
  })
  const build = { ...built(), manifestDigest: pushed }
  const outcomes = new Map(
    architectures.map((architecture) => [
      `addon/${architecture}`,
      outcomeOf({ report: target(architecture, { build }), upload: { pushed: [pushed] } }),
    ]),
  )
  const host = { log: { info: () => {}, report: () => {}, redact: (text: string) => text } } as unknown as Host
  const verdict = { passed: true, reasons: [], warnings: [] }
  const addon = { slug: 'addon', targets }

  test.each<[string, readonly PublishedTag[], readonly string[]]>([
    ['the image of a kept tag is deleted', [tag('amd64', true), tag('armv7', false)], ['armv7']],
    ['an image with another tag stays', [tag('amd64', true), tag('amd64', false)], ['amd64', 'armv7']],
    ['an image of a name without tags stays', [], ['amd64', 'armv7']],
    ['all are deleted if nothing new was published', [tag('amd64', true), tag('armv7', true)], []],
  ])('%s', async (_, tags, expected) => {
    const run = { plan: { addons: [addon] } as unknown as Plan, outcomes, verdict, problems: [], registry, host }
    const published = { tags, digests: new Map(), replaced: [] }
    expect(await removeUnused(run, new Map([['addon', published]]))).toEqual([])
    expect(left()).toEqual(expected.map(imageOf))
  })
})
