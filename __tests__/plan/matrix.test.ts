import fc from 'fast-check'
import { type Architecture, architectures, platformOf } from '../../src/addon/architecture.ts'
import { defaultRun } from '../../src/addon/run-config.ts'
import { lines } from '../../src/inputs/lists.ts'
import { parseTarget } from '../../src/inputs/paths.ts'
import { matrixOf, mostJobs, targetLine } from '../../src/plan/matrix.ts'
import type { PlannedAddon } from '../../src/plan/plan.ts'

const planned = (slug: string, chosen: readonly Architecture[]): PlannedAddon => ({
  slug,
  name: slug,
  folder: `addons/${slug}`,
  version: '1',
  targets: chosen.map((architecture) => ({
    id: `${slug}/${architecture}`,
    addon: slug,
    architecture,
    platform: platformOf(architecture),
    image: `ghcr.io/o/${architecture}-${slug}`,
    tags: ['1'],
    context: `addons/${slug}`,
    dockerfile: `addons/${slug}/Dockerfile`,
    buildArguments: new Map(),
    buildContexts: new Map(),
    labels: new Map(),
    annotations: new Map(),
    cacheScope: `${slug}-${architecture}`,
    run: defaultRun,
  })),
})

test('one job for each add-on and architecture, on native runners', () => {
  expect(matrixOf([planned('x', ['amd64', 'armv7'])], new Map())).toMatchObject([
    { name: 'x-amd64', addon: 'x', target: 'addons/x', architecture: 'amd64', runner: 'ubuntu-24.04' },
    { addon: 'x', target: 'addons/x', architecture: 'armv7', runner: 'ubuntu-24.04-arm' },
  ])
})

test('runners can be chosen', () => {
  const [cell] = matrixOf([planned('x', ['aarch64'])], new Map([['aarch64', 'my-arm']]))
  expect(cell?.runner).toBe('my-arm')
})

test('never more jobs than GitHub runs, and never a cell lost', () => {
  const addons = fc
    .array(fc.subarray([...architectures]), { maxLength: 600 })
    .map((list) => list.map((chosen, index) => planned(`a${index}`, chosen)))
  fc.assert(
    fc.property(addons, (list) => {
      const matrix = matrixOf(list, new Map())
      expect(matrix.length).toBeLessThanOrEqual(mostJobs)
      expect(new Set(matrix.map(({ name }) => name)).size).toBe(matrix.length)
      for (const { name } of matrix) expect(name).toMatch(/^[\w.-]{1,100}$/)
      const cells = matrix.flatMap(({ target, architecture }) =>
        target.split('\n').map((folder) => `${folder} ${architecture}`),
      )
      expect(cells.toSorted()).toEqual(
        list
          .flatMap(({ folder, targets }) => targets.map(({ architecture }) => `${folder} ${architecture}`))
          .toSorted(),
      )
    }),
    { numRuns: 30 },
  )
})

test('a job of several add-ons leaves their versions to their files', () => {
  const entries = matrixOf([planned('x', ['amd64']), planned('y', ['amd64'])], new Map(), 1)
  expect(entries.map(({ version }) => version)).toEqual([''])
  expect(matrixOf([planned('x', ['amd64'])], new Map()).map(({ version }) => version)).toEqual(['1'])
})

test('a folder of any name is the target that its line says', () => {
  const name = fc
    .array(fc.constantFrom('!', '#', ' ', 'a', '*', '[', '{', ',', '-', '.x', 'ü', "'", '$'), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join(''))
    .filter((text) => !/^\.*$/.test(text))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (parts) => {
      const folder = parts.join('/')
      const [line, ...more] = lines(targetLine(folder))
      expect(more).toEqual([])
      const target = parseTarget(line ?? '', '/w')
      expect('value' in target && target.value.replace(/^\.\//, '')).toBe(folder)
      expect('value' in target && target.value.startsWith('!')).toBe(false)
    }),
  )
})
