import { describe, expect, test } from '@jest/globals'
import type { Clock } from '../../src/core/host.ts'
import { openBaseRecord } from '../../src/pipeline/record-base.ts'
import type { Target } from '../../src/plan/plan.ts'
import type { Registry } from '../../src/registry/client.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { answeredHost } from '../fixtures/processes.ts'
import { target } from '../fixtures/target.ts'

const digest = `sha256:${'a'.repeat(64)}`
const pin = `sha256:${'b'.repeat(64)}`
const nameKey = 'org.opencontainers.image.base.name'
const digestKey = 'org.opencontainers.image.base.digest'

const never = () => new Promise<never>(() => {})
/** Resolves only when it is aborted. */
const patient: Clock['sleep'] = (_ms, signal) =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))

const based = (baseImage: string | undefined, changes: Partial<Target> = {}): Target =>
  target({ ...(baseImage !== undefined && { baseImage }), ...changes })

interface Setting {
  readonly push?: boolean
  readonly buildContexts?: ReadonlyMap<string, string>
  readonly verifyBase?: { readonly kind: 'key'; readonly reference: string }
  readonly answer?: Registry['digestOf']
  readonly sleep?: Clock['sleep']
  readonly signal?: AbortSignal
}

function open(targets: readonly Target[], setting: Setting = {}) {
  const { push = true, buildContexts = new Map(), answer = async () => digest, sleep = patient, signal } = setting
  const asked: string[] = []
  const { host, lines } = answeredHost(() => undefined)
  const digestOf: Registry['digestOf'] = (repository, reference) => {
    asked.push(`${repository.registry}/${repository.path}:${reference}`)
    return answer(repository, reference)
  }
  const options = {
    push,
    buildContexts,
    transparencyLog: true,
    ...(setting.verifyBase && { verifyBase: setting.verifyBase }),
  }
  const record = openBaseRecord(
    { addons: [{ slug: 'addon', name: 'Add-on', folder: 'addon', version: '1.2.3', targets }] },
    options,
    { digestOf },
    { ...host, clock: { ...host.clock, sleep }, ...(signal && { signal }) },
  )
  return { asked, lines, record }
}

const annotationsOf = async (one: Target, setting: Setting = {}) => {
  const opened = open([one], setting)
  const { annotations } = await opened.record(one)
  return { ...opened, annotations: Object.fromEntries(annotations) }
}

describe('a published image', () => {
  test('records the name and the digest of its base image, beside its other annotations', async () => {
    const one = based('alpine:3.22', { annotations: new Map([['a', 'b']]) })
    const { annotations, asked, lines } = await annotationsOf(one)
    expect(annotations).toEqual({ a: 'b', [nameKey]: 'docker.io/library/alpine:3.22', [digestKey]: digest })
    expect([asked, lines]).toEqual([['docker.io/library/alpine:3.22'], []])
  })

  test('records the digest that its Dockerfile pins, without a request', async () => {
    const { annotations, asked } = await annotationsOf(based(`ghcr.io/org/base:1@${pin}`))
    expect(annotations).toEqual({ [nameKey]: 'ghcr.io/org/base:1', [digestKey]: pin })
    expect(asked).toEqual([])
  })

  test('records the digest that was verified, without a further request', async () => {
    const key = { verifyBase: { kind: 'key', reference: 'env://KEY' } } as const
    const one = based('ghcr.io/org/base:1')
    const { record, asked } = open([one], key)
    const contexts = new Map([['ghcr.io/org/base:1', `docker-image://ghcr.io/org/base@${pin}`]])
    const { annotations } = await record({ ...one, buildContexts: contexts })
    expect(Object.fromEntries(annotations)).toEqual({ [nameKey]: 'ghcr.io/org/base:1', [digestKey]: pin })
    expect(asked).toEqual([])
  })

  test.each<[string, Target, Setting]>([
    ['it is built from scratch', based('scratch'), {}],
    ['the name of its base image is known only during the build', based(undefined), {}],
    ['its base image has no valid name', based('Bad Name'), {}],
    ['the user names the base image', based('alpine', { annotations: new Map([[nameKey, 'mine']]) }), {}],
    ['the user sets its digest', based('alpine', { annotations: new Map([[digestKey, 'mine']]) }), {}],
    ['a build context replaces the base image', based('alpine'), { buildContexts: new Map([['alpine', './root']]) }],
    ['nothing is published', based('alpine'), { push: false }],
  ])('records nothing if %s', async (_, one, setting) => {
    const { record, asked } = open([one], setting)
    expect(await record(one)).toBe(one)
    expect(asked).toEqual([])
  })

  test.each<[string, Registry['digestOf'], RegExp]>([
    ['has no such image', async () => undefined, /not recorded: it is not in its registry\.$/],
    [
      'refuses the request',
      async () => {
        throw new RegistryError('DENIED', 'No access.')
      },
      /not recorded: No access\.$/,
    ],
  ])('records only the name if the registry %s', async (_, answer, line) => {
    const { annotations, lines } = await annotationsOf(based('alpine'), { answer })
    expect(annotations).toEqual({ [nameKey]: 'docker.io/library/alpine:latest' })
    expect(lines).toEqual([expect.stringMatching(line)])
  })

  test('records only the name if the registry does not answer in time', async () => {
    const waits: number[] = []
    const sleep: Clock['sleep'] = async (ms) => void waits.push(ms)
    const { annotations, lines } = await annotationsOf(based('alpine'), { answer: never, sleep })
    expect(annotations).toEqual({ [nameKey]: 'docker.io/library/alpine:latest' })
    expect(lines).toEqual([expect.stringMatching(/did not answer within 5 s\.$/)])
    expect(waits).toEqual([5_000])
  })

  test('does not wait when the run is cancelled', async () => {
    const run = new AbortController()
    const one = based('alpine')
    const { record, lines } = open([one], { answer: never, signal: run.signal })
    run.abort()
    expect((await record(one)).annotations.has(digestKey)).toBe(false)
    expect(lines).toEqual([])
  })
})

test('each base image is requested once, before the first build', async () => {
  const targets = [
    based('alpine'),
    based('docker.io/library/alpine:latest'),
    based('ghcr.io/org/base:2'),
    based('scratch'),
  ]
  const { asked, record } = open(targets)
  expect(asked).toEqual(['docker.io/library/alpine:latest', 'ghcr.io/org/base:2'])
  for (const one of targets) await record(one)
  expect(asked).toHaveLength(2)
})

test('a second build of an image has the same annotations, whatever the registry answers by then', async () => {
  const one = based('alpine')
  let count = 0
  const { record } = open([one], { answer: async () => `sha256:${String(count++).repeat(64)}` })
  expect(await record(one)).toEqual(await record(one))
  expect(count).toBe(1)
})
