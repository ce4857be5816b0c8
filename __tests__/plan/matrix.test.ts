import fc from 'fast-check'
import { defaultRun } from '../../src/addon/config/run-config.ts'
import { type Architecture, architectures, platformOf } from '../../src/core/architecture.ts'
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

test('the matrix has one job for each add-on and architecture, on native runners', () => {
  expect(matrixOf([planned('x', ['amd64', 'armv7'])], new Map())).toMatchObject([
    { name: 'x-amd64', addon: 'x', target: 'addons/x', architecture: 'amd64', runner: 'ubuntu-24.04' },
    { addon: 'x', target: 'addons/x', architecture: 'armv7', runner: 'ubuntu-24.04-arm' },
  ])
})

test('runners can be chosen', () => {
  const [cell] = matrixOf([planned('x', ['aarch64'])], new Map([['aarch64', 'my-arm']]))
  expect(cell?.runner).toBe('my-arm')
})

test('the matrix has at most as many jobs as GitHub allows, and includes every image', () => {
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

test('a job of several add-ons uses the versions in their files', () => {
  const entries = matrixOf([planned('x', ['amd64']), planned('y', ['amd64'])], new Map(), 1)
  expect(entries.map(({ version }) => version)).toEqual([''])
  expect(matrixOf([planned('x', ['amd64'])], new Map()).map(({ version }) => version)).toEqual(['1'])
})

test('a folder with any name can be a target', () => {
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

test('a job of several add-ons has a line for each, and is named after the first', () => {
  const list = ['x', 'y', 'z'].map((slug) => planned(slug, ['amd64', 'armhf']))
  const fields = matrixOf(list, new Map(), 4).map(({ name, addon, target, platform, runner }) => [
    name,
    addon,
    target,
    platform,
    runner,
  ])
  expect(fields).toEqual([
    ['x-and-2-more-amd64', 'x, y, z', 'addons/x\naddons/y\naddons/z', 'linux/amd64', 'ubuntu-24.04'],
    ['x-and-2-more-armhf', 'x, y, z', 'addons/x\naddons/y\naddons/z', 'linux/arm/v6', 'ubuntu-24.04-arm'],
  ])
  expect(matrixOf(list, new Map(), 5).map(({ name }) => name)).toEqual([
    'x-and-1-more-amd64',
    'z-amd64',
    'x-and-1-more-armhf',
    'z-armhf',
  ])
  expect(matrixOf(list, new Map(), 6)).toHaveLength(6)
})

test('every architecture has a runner of its own kind', () => {
  const runners = matrixOf([planned('x', architectures)], new Map()).map((entry) => [entry.architecture, entry.runner])
  expect(Object.fromEntries(runners)).toEqual({
    aarch64: 'ubuntu-24.04-arm',
    amd64: 'ubuntu-24.04',
    armhf: 'ubuntu-24.04-arm',
    armv7: 'ubuntu-24.04-arm',
    i386: 'ubuntu-24.04',
  })
})

test.each([
  ['a', 'a'],
  ['a#b !c', 'a#b !c'],
  ['#a', './#a'],
  ['!a', './!a'],
  [' a', './ a'],
  ['a ', 'a /'],
])('the folder %j is the line %j', (folder, line) => {
  expect(targetLine(folder)).toBe(line)
})
