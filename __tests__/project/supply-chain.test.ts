import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { buildkitImage, cosignInstaller, defaultQemuImage, sbomGenerator } from '../../src/core/pins.ts'

const root = resolve(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')

interface Reference {
  readonly action: string
  readonly commit: string
  readonly version: string
}

/** Actions of others that a text names: whatever `uses:` has, and what belongs to the usual owners also without it. Pure. */
function references(text: string): readonly Reference[] {
  const found = text.matchAll(
    /(?:\buses:[ \t]*["']?(?!\.\/)|\b(?=(?:actions|docker|github|sigstore)\/))([\w.-]+\/[\w./-]+)@([^\s"'`]+)["']?([^\n"`]*)/g,
  )
  return [...found]
    .map(([, action = '', commit = '', rest = '']) => ({ action, commit, version: rest.trim() }))
    .filter(({ action, commit }) => !/^[\w.-]+\/aicleaner-build(\/|$)/.test(action) && !commit.startsWith('sha256:'))
}

const isPinned = ({ commit, version }: Reference): boolean =>
  /^[0-9a-f]{40}$/.test(commit) && /^# v?\d+\.\d+\.\d+['),]?/.test(version)

const commit = '3d3c42e5aac5ba805825da76410c181273ba90b1'

describe('a reference to an action', () => {
  test.each([
    ['by tag', 'uses: actions/checkout@v7', false],
    ['by tag in quotes', 'uses: "some/action@v1.2.3"', false],
    ['by branch', '  - uses: some/action/part@main # v1.2.3', false],
    ['by a short commit', `uses: some/action@${commit.slice(0, 7)} # v1.2.3`, false],
    ['by commit without its version', `uses: some/action@${commit}`, false],
    ['by commit with half a version', `uses: some/action@${commit} # v7`, false],
    ['in the text of a remedy', 'Add "actions/checkout@v7" before this step.', false],
    ['by commit and version', `- uses: some/action/part@${commit} # v1.2.3`, true],
  ])('%s', (_, text, pinned) => {
    expect(references(text).map(isPinned)).toEqual([pinned])
  })

  test.each([
    'uses: org/aicleaner-build@v1',
    'uses: org/aicleaner-build/.github/workflows/build-addon.yml@v1',
    'uses: ./',
    'Change the `uses:` line',
    'docker/buildkit-syft-scanner@sha256:00',
  ])('is not seen in %j', (text) => {
    expect(references(text)).toEqual([])
  })
})

describe('third-party code of this repository', () => {
  // Fixtures of the tests are files of others, dist is made of src, and the lock file has packages only.
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter(
      (file) => file && !/^(__tests__|dist)\/|^package-lock\.json$|\.png$/.test(file) && existsSync(join(root, file)),
    )
  const named = files.flatMap((file) => references(text(file)).map((reference) => ({ file, ...reference })))

  test('are actions pinned by their full commit, with the version beside it', () => {
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((reference) => !isPinned(reference))).toEqual([])
  })

  test('has one commit for a version of an action, and one version for a commit', () => {
    const repository = ({ action }: Reference) => action.split('/', 2).join('/')
    const pairs = new Set(named.map((one) => `${repository(one)} ${one.version.split(/[^#\w. ]/)[0]} ${one.commit}`))
    const versions = new Set([...pairs].map((pair) => pair.slice(0, pair.lastIndexOf(' '))))
    const commits = new Set([...pairs].map((pair) => pair.slice(pair.lastIndexOf(' '))))
    expect([versions.size, commits.size]).toEqual([pairs.size, pairs.size])
  })

  test('are packages that all have their integrity in the lock file, and no address of one machine', () => {
    interface Entry {
      readonly version?: string
      readonly integrity?: string
      readonly resolved?: string
      readonly link?: boolean
    }
    const lock = JSON.parse(text('package-lock.json')) as { readonly packages: Readonly<Record<string, Entry>> }
    const entries = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link)
    expect(entries.length).toBeGreaterThan(500)
    const bad = entries.filter(
      ([, { integrity, resolved }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? '') || resolved !== undefined,
    )
    expect(bad.map(([path]) => path)).toEqual([])
  })

  test('are images of an exact version, by digest where the tests need no image of that name', () => {
    expect(buildkitImage).toMatch(/^moby\/buildkit:v\d+\.\d+\.\d+$/)
    expect(sbomGenerator).toMatch(/^docker\/buildkit-syft-scanner:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/)
    expect(defaultQemuImage).toMatch(/^docker\.io\/tonistiigi\/binfmt:qemu-v[\d.]+-\d+@sha256:[0-9a-f]{64}$/)
  })

  test('are pins that Renovate finds', () => {
    interface Manager {
      readonly managerFilePatterns: readonly string[]
      readonly matchStrings: readonly string[]
    }
    const { customManagers } = JSON.parse(text('.github/renovate.json')) as { readonly customManagers: Manager[] }
    const found = (file: string) =>
      customManagers
        .filter(({ managerFilePatterns }) => managerFilePatterns.some((one) => new RegExp(one.slice(1, -1)).test(file)))
        .flatMap(({ matchStrings }) =>
          matchStrings.flatMap((one) => [...text(file).matchAll(new RegExp(one, 'g'))].map(({ groups }) => groups)),
        )
    expect(found('src/core/pins.ts').map((groups) => `${groups?.depName} ${groups?.currentValue}`)).toEqual([
      `moby/buildkit ${buildkitImage.split(':')[1]}`,
      `docker.io/tonistiigi/binfmt ${/:([^@]+)@/.exec(defaultQemuImage)?.[1]}`,
      `docker/buildkit-syft-scanner ${/:([^@]+)@/.exec(sbomGenerator)?.[1]}`,
      `sigstore/cosign-installer ${cosignInstaller.split(' # ')[1]}`,
    ])
    expect(found('docs/plan.md')).toHaveLength(references(text('docs/plan.md')).length)
  })
})

describe('the workflows', () => {
  interface Job {
    readonly steps?: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
    readonly permissions?: object
    readonly 'timeout-minutes'?: number
  }
  interface Workflow {
    readonly permissions?: object
    readonly jobs: Readonly<Record<string, Job>>
  }
  const workflows = globSync('.github/workflows/*.yml', { cwd: root })

  test.each(workflows)('%s bounds the time of each job', (file) => {
    const { jobs } = parse(text(file)) as Workflow
    const limits = Object.entries(jobs).map(([name, job]) => [name, typeof job['timeout-minutes']])
    expect(limits).toEqual(Object.keys(jobs).map((name) => [name, 'number']))
  })

  test.each(workflows.filter((file) => !file.endsWith('build-addon.yml')))('%s has read permission only', (file) => {
    expect((parse(text(file)) as Workflow).permissions).toEqual({ contents: 'read' })
  })

  // A workflow, and each example of one in a document: what is copied from there.
  const checkouts = [...workflows, ...globSync(['*.md', '{docs,docker}/**/*.{md,yml}'], { cwd: root })].filter((file) =>
    text(file).includes('uses: actions/checkout@'),
  )
  test.each(checkouts)('%s keeps no token in a checkout', (file) => {
    const wanted = /uses: actions\/checkout@[^\n]+\n\s+with:(?:\n\s+| \{ )persist-credentials: false\b/g
    const all = text(file).match(/uses: actions\/checkout@/g)
    expect(text(file).match(wanted)?.length).toBe(all?.length)
  })
})
