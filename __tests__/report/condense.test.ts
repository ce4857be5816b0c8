import { condense } from '../../src/report/condense.ts'
import { tiers } from '../../src/report/markdown/comment.ts'
import type { Reason, Report, TargetReport } from '../../src/report/model/report.ts'
import type { SizeResult } from '../../src/size/result.ts'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { mixed } from './mixed.ts'
import {
  addon,
  built,
  compared,
  contents,
  digest,
  failing,
  first,
  healthy,
  report,
  run,
  target,
  unhealthy,
} from './reports.ts'

type Tier = (typeof tiers)[number]
const noDigest = `sha256:${'0'.repeat(64)}`
const targetOf = (parts: Partial<TargetReport>, tier: Tier, more: Partial<Report> = {}): TargetReport =>
  condense(report([addon([target('amd64', parts)])], more), tier).addons[0]?.targets[0] as TargetReport
/** For each tier: what `of` makes of a target. */
const byTier = <T>(parts: Partial<TargetReport>, of: (target: TargetReport) => T): readonly T[] =>
  tiers.map((tier) => of(targetOf(parts, tier)))
const many = <T>(number: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: number }, (_, index) => make(index))

describe('of a run', () => {
  test('its identity and the fields of the footer are kept', () => {
    const { mode, runId, runAttempt, url, headSha, sha } = run
    expect(condense(report([]), 'all')).toEqual({
      ...report([]),
      run: {
        ...{ mode, runId, runAttempt, url, headSha, sha },
        ...{ event: '', repository: '', ref: '', workflow: '' },
        ...{ startedAt: '1970-01-01T00:00:00.000Z', finishedAt: '1970-01-01T00:00:00.000Z' },
      },
    })
  })

  test('a missing commit of a pull request stays absent', () => {
    const { headSha: _, ...push } = run
    expect(condense(report([], { run: push }), 'all').run).not.toHaveProperty('headSha')
  })

  test('diagnostics are left out: the log has them', () => {
    const diagnostics = [{ severity: 'error', code: 'c', message: 'm', remedy: '' }] as const
    expect(condense(report([], { diagnostics }), 'all').diagnostics).toEqual([])
  })
})

describe('of reasons', () => {
  const reasonsOf = (reasons: readonly Reason[], tier: Tier) => {
    const { verdict } = condense(report([], { verdict: { ...failing(...reasons), warnings: reasons } }), tier)
    expect(verdict.warnings).toEqual(verdict.reasons)
    return verdict.reasons
  }

  test.each([
    ['all', 200, 700],
    ['no-files', 200, 700],
    ['changed', 200, 700],
    ['verdict', 20, 200],
  ] as const)('with "%s" %d are kept, of %d characters', (tier, most, longest) => {
    const reasons = many(250, () => ({ gate: 'size', message: 'x'.repeat(longest + 1) }) as const)
    const kept = reasonsOf(reasons, tier)
    expect(kept).toHaveLength(most)
    expect(kept[0]?.message).toBe(`${'x'.repeat(longest - 1)}…`)
    expect(reasonsOf([{ gate: 'size', message: 'x'.repeat(longest) }], tier)[0]?.message).toBe('x'.repeat(longest))
  })

  test('gate and names are kept, and no remedy', () => {
    const bare = { gate: 'size', message: 'm' } as const
    const named = { ...bare, addon: 'a', architecture: 'amd64' } as const
    expect(reasonsOf([{ ...named, remedy: 'r' }, bare], 'all')).toEqual([named, bare])
    expect(Object.keys(reasonsOf([bare], 'all')[0] ?? {})).toEqual(['gate', 'message'])
  })
})

describe('of an add-on', () => {
  const context = {
    folder: 'a',
    dockerfile: 'a/Dockerfile',
    before: { files: 1, bytes: 1 },
    after: { files: 1, bytes: 1 },
    exclude: many(30, (index) => ({ pattern: `p${index}`, reason: 'r', files: 1, bytes: 1 })),
    largestFiles: many(9, (index) => ({ path: `f${index}`, bytes: 1 })),
  }
  const made = (tier: Tier) => condense(report([addon([], { contexts: [context] })]), tier).addons[0]

  test('its build context is kept as long as files are shown, cut to what is shown', () => {
    expect(tiers.map((tier) => made(tier)?.contexts?.length)).toEqual([1, undefined, undefined, undefined])
    expect(made('all')?.contexts).toEqual([
      { ...context, exclude: context.exclude.slice(0, 20), largestFiles: context.largestFiles.slice(0, 5) },
    ])
    expect(condense(report([addon([])]), 'all').addons[0]).not.toHaveProperty('contexts')
  })

  test('its name and version are kept, and no folder', () => {
    expect(made('verdict')).toEqual({
      slug: 'aicleaner_v3',
      name: 'AICleaner v3',
      folder: '',
      version: '1.2.3',
      targets: [],
    })
  })

  test.each([
    ['published', digest(8), true],
    ['published', undefined, false],
    ['not-published', digest(8), false],
  ] as const)('%s with the digest %s its manifest is kept: %s', (status, made, kept) => {
    const manifest = { image: 'i', tags: ['1'], ...(made && { digest: made }) }
    const publication = status === 'published' ? { status } : { status, reason: 'r' }
    const [only] = condense(report([addon([], { manifest })], { publication }), 'all').addons
    expect(only?.manifest).toEqual(kept ? manifest : undefined)
  })
})

describe('of an image', () => {
  const published = { publication: { status: 'published' } } as const

  test('its name and tags are kept where the comment shows them', () => {
    const of = (parts: Partial<TargetReport>, more: Partial<Report>, tier: Tier = 'all') => {
      const made = targetOf(parts, tier, more)
      return [made.image, made.tags, made.published]
    }
    const shown = ['ghcr.io/org/amd64-aicleaner', ['1.2.3'], noDigest]
    const hidden = ['', [], undefined]
    expect(of({ published: digest(9) }, published)).toEqual(shown)
    expect(of({ published: digest(9) }, published, 'changed')).toEqual(shown)
    expect(of({ published: digest(9) }, published, 'verdict')).toEqual(hidden)
    expect(of({}, published)).toEqual(hidden)
    expect(of({ published: digest(9) }, {})).toEqual(hidden)
  })

  test('findings are kept while they are shown, sixty of them', () => {
    const audit = many(70, (index) => ({ rule: `r${index}`, severity: 'notice', message: 'm', fix: 'f' }) as const)
    expect(byTier({ audit }, (made) => made.audit?.length)).toEqual([60, 60, undefined, undefined])
    expect(targetOf({}, 'all')).not.toHaveProperty('audit')
  })

  test('why it was not measured is kept', () => {
    expect(byTier({ sizeError: 'x'.repeat(201) }, ({ sizeError }) => sizeError)).toEqual(
      Array(4).fill(`${'x'.repeat(199)}…`),
    )
    expect(targetOf({}, 'all')).not.toHaveProperty('sizeError')
    expect(targetOf({}, 'all')).not.toHaveProperty('size')
  })
})

describe('of a build', () => {
  const where = { file: 'Dockerfile', line: 1, column: 1 }
  const failed = {
    status: 'failed',
    durationMs: 7,
    emulated: true,
    reason: 'x'.repeat(500),
    log: many(30, (index) => `l${index}`),
  } as const

  test('that failed as many of the last lines are kept as are shown', () => {
    expect(byTier({ build: failed }, ({ build }) => 'log' in build && build.log)).toEqual([
      failed.log.slice(-20),
      failed.log.slice(-20),
      failed.log.slice(-8),
      [],
    ])
    const long = { ...failed, log: [many(30, (index) => `l${index}`).join('\n'), 'x'.repeat(500)] }
    expect(targetOf({ build: long }, 'changed').build).toEqual({
      status: 'failed',
      durationMs: 7,
      emulated: true,
      reason: `${'x'.repeat(399)}…`,
      log: [...failed.log.slice(-7), `${'x'.repeat(399)}…`],
    })
    expect(targetOf({ build: { ...failed, where } }, 'verdict').build).toMatchObject({ where })
  })

  test('that is done the steps are kept that took a second', () => {
    const step = (durationMs: number, cached = false) => ({ name: `[a 1/2] RUN x ${durationMs}`, durationMs, cached })
    const build = { ...built(), warnings: [{}], steps: [step(1000), step(999), step(2000, true), step(5000)] } as never
    const kept = [step(1000), step(5000)]
    expect(byTier({ build }, (made) => 'steps' in made.build && made.build.steps)).toEqual([kept, kept, [], []])
    expect(targetOf({ build }, 'all').build).toEqual({
      ...built(),
      configDigest: noDigest,
      manifestDigest: noDigest,
      steps: kept,
    })
  })

  test('no more than sixty steps are kept, with names that are not too long', () => {
    const steps = many(70, (index) => ({ name: `${index} ${'x'.repeat(300)}`, durationMs: 5000, cached: false }))
    const made = targetOf({ build: { ...built(), steps } as never }, 'all').build
    const names = 'steps' in made ? made.steps.map(({ name }) => name) : []
    expect(names).toHaveLength(60)
    expect(names[0]).toBe(`0 ${'x'.repeat(197)}…`)
  })
})

describe('of a smoke test', () => {
  const smokeOf = (smoke: SmokeResult, tier: Tier): SmokeResult => targetOf({ smoke }, tier).smoke as SmokeResult
  const problem = (severity: 'error' | 'warning', message: string) => ({ severity, code: 'c', message, remedy: '' })
  const evidence = { ...unhealthy().evidence } as NonNullable<SmokeResult['evidence']>
  const probe = (exitCode: number, output: string) => ({ at: 1, durationMs: 1, exitCode, output })

  test('that passed the times are kept alone', () => {
    const { durationMs, timeToHealthyMs } = healthy()
    const kept = { status: 'passed', readiness: '', reason: '', durationMs, timeToHealthyMs, checks: [] }
    expect(smokeOf({ ...healthy(), evidence, diagnostics: [problem('error', 'm')] }, 'all')).toEqual(kept)
    const { timeToHealthyMs: _, ...untimed } = healthy()
    expect(smokeOf(untimed, 'all')).not.toHaveProperty('timeToHealthyMs')
  })

  test('that failed the checks, errors and lines are kept that are shown', () => {
    const smoke: SmokeResult = {
      ...unhealthy(),
      checks: [
        ...many(25, (index) => ({ name: `c${index}`, status: 'fail', reason: 'x'.repeat(500) }) as const),
        { name: 'fine', status: 'pass', reason: 'r' } as const,
      ].toReversed(),
      diagnostics: [problem('warning', 'w'), ...many(25, (index) => problem('error', `e${index}`))],
      evidence: {
        ...evidence,
        probes: [probe(1, 'a'), probe(2, 'b'), probe(0, 'fine'), probe(3, 'x'.repeat(500))],
        stdout: many(40, (index) => `o${index}`),
        stderr: many(40, (index) => `e${index}`),
        reproduce: 'x'.repeat(500),
      },
    }
    const made = smokeOf(smoke, 'all')
    const cut = `${'x'.repeat(399)}…`
    expect(made.checks).toEqual(many(20, (index) => ({ name: `c${24 - index}`, status: 'fail', reason: cut })))
    expect(made.diagnostics).toEqual(many(20, (index) => problem('error', `e${index}`)))
    expect(made.evidence).toEqual({
      state: evidence.state,
      outOfMemory: false,
      emulated: true,
      image: '',
      probes: [probe(2, 'b'), probe(3, cut)],
      stdout: smoke.evidence?.stdout.slice(-10),
      stderr: smoke.evidence?.stderr.slice(-20),
      diff: [],
      supervisorCalls: [],
      reproduce: cut,
    })
    expect(smokeOf(smoke, 'no-files')).toEqual(made)
    const short = smokeOf(smoke, 'changed')
    expect([short.evidence?.stdout.length, short.evidence?.stderr.length]).toEqual([4, 8])
    const { status, durationMs } = smoke
    expect(smokeOf(smoke, 'verdict')).toEqual({ status, durationMs, readiness: '', reason: '', checks: [] })
  })

  test('that failed without evidence gets none', () => {
    const { evidence: _, ...bare } = unhealthy()
    expect(smokeOf(bare, 'all')).not.toHaveProperty('evidence')
    expect(smokeOf(bare, 'all')).not.toHaveProperty('diagnostics')
  })
})

describe('of a size', () => {
  const sizeOf = (size: SizeResult, tier: Tier): SizeResult => targetOf({ size }, tier).size as SizeResult
  const size = mixed().addons[0]?.targets[0]?.size as SizeResult
  const bare = (measure: SizeResult['measure']) => {
    const { method, download, onDisk } = measure
    return { method, download, onDisk, manifestDigest: noDigest, configDigest: noDigest, layers: [] }
  }

  test('figures are always kept, layers as long as they are shown', () => {
    for (const tier of ['no-files', 'changed', 'verdict'] as const)
      expect(sizeOf(size, tier).measure).toEqual(bare(size.measure))
    expect(sizeOf(size, 'all').measure).toEqual({
      ...bare(size.measure),
      base: size.measure.base,
      layers: size.measure.layers.map((layer) => ({ ...layer, digest: noDigest, mediaType: '' })),
      contents: {
        merged: contents.merged,
        hidden: contents.hidden,
        files: contents.files,
        waste: size.measure.contents?.waste,
        largestFiles: [],
        folders: [],
        packages: [],
      },
    })
    expect(sizeOf(size, 'all').measure.layers[2]).not.toHaveProperty('createdBy')
  })

  test('without contents, as from a manifest, it gets none', () => {
    const { contents: _, base: __, ...manifest } = size.measure
    const made = sizeOf({ ...size, measure: manifest }, 'all').measure
    expect([made.contents, made.base]).toEqual([undefined, undefined])
    expect(made).not.toHaveProperty('base')
  })

  test('commands are cut', () => {
    const layers = size.measure.layers.map((layer) => ({ ...layer, createdBy: 'x'.repeat(400) }))
    expect(sizeOf({ ...size, measure: { ...size.measure, layers } }, 'all').measure.layers[0]?.createdBy).toBe(
      `${'x'.repeat(299)}…`,
    )
  })

  test('the largest packages and the largest waste are kept where no package changed', () => {
    const waste = many(
      12,
      (index) => ({ path: `w${index}`, bytes: index, reason: 'deleted', writtenBy: 0, hiddenBy: 1 }) as const,
    )
    const packages = many(12, (index) => ({ manager: 'apk', name: `p${index}`, version: '1', bytes: index }) as const)
    const whole = first(1e7)
    const made = sizeOf({ ...whole, measure: { ...whole.measure, contents: { ...contents, waste, packages } } }, 'all')
    expect(made.measure.contents?.waste).toEqual(waste.toReversed().slice(0, 8))
    expect(made.measure.contents?.packages).toEqual(packages.toReversed().slice(0, 8))
  })

  test('what it is compared with is kept: as a name, its digest and the layers that a device has', () => {
    const { baseline } = size
    const common = {
      ...{
        digest: noDigest,
        diffId: digest(5001),
        mediaType: '',
        compression: 'gzip',
        download: 0,
        onDisk: { bytes: 0 },
      },
    }
    const kept = (layers: readonly object[]) => ({
      ...baseline,
      measure: { ...bare(baseline?.measure as never), manifestDigest: baseline?.measure.manifestDigest, layers },
    })
    expect(sizeOf(size, 'all').baseline).toEqual(kept([common]))
    expect(sizeOf(size, 'no-files').baseline).toEqual(kept([]))
    expect(sizeOf(size, 'changed').baseline).toEqual(kept([]))
    expect(sizeOf(size, 'verdict').baseline).toBeUndefined()
    expect(sizeOf(first(1), 'all')).not.toHaveProperty('baseline')
  })

  test('a layer of another image is kept where none is in common: it was compared', () => {
    const layers = size.measure.layers.map((layer, index) => ({ ...layer, diffId: digest(7000 + index) }))
    const made = sizeOf({ ...size, measure: { ...size.measure, layers } }, 'all')
    expect(made.baseline?.measure.layers.map(({ diffId }) => diffId)).toEqual([digest(5001)])
  })

  test('the reason for a missing baseline is kept as long as details are shown', () => {
    expect(tiers.map((tier) => sizeOf(first(1), tier).noBaseline)).toEqual([
      first(1).noBaseline,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('budgets and changes are kept as far as they are shown', () => {
    const budget = { budget: 'max-size', limit: 'l', actualBytes: 1, over: false, message: 'm' } as const
    const changes = many(9, (index) => `${index} ${'x'.repeat(500)}`)
    const long = compared(1, 2, { changes, budgets: many(12, () => budget) })
    expect(tiers.map((tier) => sizeOf(long, tier).budgets.length)).toEqual([10, 10, 10, 0])
    const cut = changes.map((change) => `${change.slice(0, 419)}…`)
    expect(tiers.map((tier) => sizeOf(long, tier).comparison?.changes)).toEqual([
      cut.slice(0, 5),
      cut.slice(0, 5),
      cut.slice(0, 1),
      [],
    ])
  })

  test('packages, folders and caveats are kept as long as details are shown', () => {
    const packages = many(12, (index) => ({ manager: 'apk', name: `p${index}`, bytes: 1 }) as const)
    const folders = many(12, (index) => ({ path: `f${index}`, bytes: 1, before: 0, after: 1 }))
    const caveats = many(12, (index) => `c${index}`)
    const comparison = { ...compared(1, 2).comparison, packages, folders, caveats } as never
    const made = tiers.map((tier) => sizeOf({ ...compared(1, 2), comparison }, tier).comparison)
    expect(made.map((one) => one?.packages)).toEqual([packages.slice(0, 8), [], [], []])
    expect(made.map((one) => one?.folders)).toEqual([folders.slice(0, 8), [], [], []])
    expect(made.map((one) => one?.caveats)).toEqual([caveats.slice(0, 10), [], [], []])
    const without = sizeOf(compared(1, 2), 'all').comparison
    expect(without).not.toHaveProperty('packages')
    expect(without).not.toHaveProperty('folders')
    expect(sizeOf(first(1), 'all')).not.toHaveProperty('comparison')
  })
})
