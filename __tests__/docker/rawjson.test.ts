import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isExecuting, readStatus, type Status, separateTargets } from '../../src/docker/rawjson.ts'

const started = '2026-01-01T00:00:00Z'
const completed = '2026-01-01T00:00:01Z'
const one = (name: string, digest = name) => ({ digest, name, started })

describe('the log of several targets', () => {
  test.each([
    ['[t0 2/5] RUN make', 't0', '[2/5] RUN make'],
    ['[t12 builder 1/3] COPY . .', 't12', '[builder 1/3] COPY . .'],
    ['[t0 internal] load build context', 't0', '[internal] load build context'],
    ['[t1] exporting to image', 't1', 'exporting to image'],
    ['[t1] importing cache manifest from gha:12345', 't1', 'importing cache manifest from gha:12345'],
  ])('%s is told to %s as its own build would tell it', (name, target, own) => {
    expect([...separateTargets()({ vertexes: [one(name)] })]).toEqual([
      [target, { vertexes: [{ ...one(name), name: own }], statuses: [], logs: [], warnings: [] }],
    ])
  })

  test('what bake does for all of them is told to none', () => {
    const separate = separateTargets()
    expect([...separate({ vertexes: [one('[internal] load local bake definitions', 'a')] })]).toEqual([])
    expect([...separate({ statuses: [{ vertex: 'a' }], logs: [{ vertex: 'unheard of', data: '' }] })]).toEqual([])
  })

  test('what belongs to a step goes to all whose step it is', () => {
    const separate = separateTargets()
    separate({ vertexes: [one('[t0 internal] load build definition', 'same'), one('[t0 2/2] RUN a', 'a')] })
    separate({ vertexes: [one('[t1 internal] load build definition', 'same')] })
    const parts = separate({
      warnings: [{ vertex: 'same', short: 'eA==' }],
      statuses: [{ vertex: 'a' }],
      logs: [{ vertex: 'same', data: 'eA==' }],
    })
    expect(parts.get('t0')).toMatchObject({ warnings: [{ vertex: 'same' }], statuses: [{ vertex: 'a' }], logs: [{}] })
    expect(parts.get('t1')).toMatchObject({ warnings: [{ vertex: 'same' }], statuses: [], logs: [{}] })
  })

  test('no step is lost or told twice, whatever it is called', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('[1/2] FROM x', '[internal] load', 'exporting', '[a b'))
    const step = fc.record({ target: fc.constantFrom('t0', 't1', 't2'), name, digest: fc.constantFrom('a', 'b', 'c') })
    // As buildx does it: util/progress/multiwriter.go, addPrefix.
    const prefixed = (target: string, own: string) =>
      own.startsWith('[') ? `[${target} ${own.slice(1)}` : `[${target}] ${own}`
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const vertexes = steps.map((it) => one(prefixed(it.target, it.name), it.digest))
        const parts = separateTargets()({ vertexes })
        for (const target of ['t0', 't1', 't2']) {
          expect((parts.get(target)?.vertexes ?? []).map((vertex) => [vertex.digest, vertex.name])).toEqual(
            steps.filter((it) => it.target === target).map((it) => [it.digest, it.name]),
          )
        }
      }),
    )
  })
})

describe('a step of the Dockerfile', () => {
  test.each([
    ['that has begun, is', { name: '[2/2] RUN make', started }, true],
    ['that is done, is not', { name: '[2/2] RUN make', started, completed }, false],
    ['that the cache has, is not', { name: '[2/2] RUN make', started, completed, cached: true }, false],
    ['that waits for others, is not', { name: '[2/2] RUN make' }, false],
    ['that only names the base, is not', { name: '[1/2] FROM base', started }, false],
    ['that is no step of it, is not', { name: 'exporting to image', started }, false],
    ['that BuildKit does for itself, is not', { name: '[internal] load build context', started }, false],
  ])('%s being executed', (_, vertex, expected) => {
    expect(isExecuting({ digest: 'a', ...vertex })).toBe(expected)
  })
})

test.each<readonly [string, Status | undefined]>([
  ['{"vertexes":[]}', { vertexes: [] }],
  ['{"vertexes":', undefined],
  ['ERROR: failed to solve', undefined],
  ['', undefined],
])('the line %j is %j', (line, status) => {
  expect(readStatus(line)).toEqual(status)
})
