import fc from 'fast-check'
import { isTag } from '../../src/core/image-reference.ts'
import { tagPlaceholders } from '../../src/inputs/template.ts'
import { branchOf, defaultTags, tagsFor } from '../../src/plan/tags.ts'
import { anyText } from '../fixtures/any-text.ts'
import { events } from './events.ts'

const every = [
  '{version}',
  '{major}',
  '{major}.{minor}',
  '{major}.{minor}.{patch}',
  'sha-{sha}',
  '{branch}',
  'pr-{pr}',
  '{date}',
  'edge',
]
const fill = (event: keyof typeof events, version: string, templates: readonly string[] = every) =>
  tagsFor(templates, { version, slug: 'My-Addon', event: events[event] }).tags

test.each<[keyof typeof events, string, readonly string[]]>([
  ['push', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', 'main', '20261123', 'edge']],
  ['branch', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', 'feature-New-Probe', '20261123', 'edge']],
  ['tag', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', '20261123', 'edge']],
  ['release', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', '20261123', 'edge']],
  ['prerelease', '1.3.0-rc.1', ['1.3.0-rc.1', 'sha-5f6c1d0', '20261123', 'edge']],
  ['prerelease', '1.3.0', ['1.3.0', 'sha-5f6c1d0', '20261123', 'edge']],
  ['draft', '1.3.0', ['1.3.0', 'sha-5f6c1d0', '20261123', 'edge']],
  ['beta', '2025.12.0b3', ['2025.12.0b3', 'sha-5f6c1d0', '20261123', 'edge']],
  ['calendar', '2025.12.1', ['2025.12.1', '2025', '2025.12', 'sha-5f6c1d0', '20261123', 'edge']],
  ['pullRequest', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', 'pr-7', '20261123', 'edge']],
  ['pullRequestTarget', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', 'pr-7', '20261123', 'edge']],
  ['schedule', '1.2.3', ['1.2.3', '1', '1.2', 'sha-5f6c1d0', 'main', '20261123', 'edge']],
  ['release', '1.2.3-ls416', ['1.2.3-ls416', '1', '1.2', '1.2.3', 'sha-5f6c1d0', '20261123', 'edge']],
  ['release', '1.2.3-rc.1', ['1.2.3-rc.1', 'sha-5f6c1d0', '20261123', 'edge']],
  ['push', '2024.01', ['2024.01', '2024', 'sha-5f6c1d0', 'main', '20261123', 'edge']],
  ['push', '7', ['7', 'sha-5f6c1d0', 'main', '20261123', 'edge']],
  ['manual', 'dev', ['dev', 'sha-5f6c1d0', '20261123', 'edge']],
  ['local', '1.2.3+build', ['1.2.3-build', '1', '1.2', '1.2.3', '20261123', 'edge']],
])('%s of %s is tagged %j', (event, version, expected) => {
  expect(fill(event, version)).toEqual(expected)
})

test.each<[keyof typeof events, string, readonly string[]]>([
  ['push', '1.2.3', ['{version}']],
  ['tag', '1.2.3', ['{version}']],
  ['release', '1.2.3', ['{version}', 'latest']],
  ['calendar', '2025.12.1', ['{version}', 'latest']],
  ['prerelease', '1.3.0-rc.1', ['{version}']],
  ['beta', '2025.12.0b3', ['{version}']],
  ['draft', '1.2.3', ['{version}']],
  ['pullRequest', '1.2.3', ['{version}']],
  ['schedule', '1.2.3', ['{version}']],
  ['release', '1.2.3-2', ['{version}', 'latest']],
  ['release', '1.2.3b1', ['{version}']],
  ['release', 'stable', ['{version}']],
])('without an input a %s of %s has %j', (event, version, expected) => {
  expect(defaultTags(version, events[event], undefined)).toEqual(expected)
})

test('an invalid tag is an error', () => {
  const { tags, diagnostics } = tagsFor(['-{version}', `${'x'.repeat(127)}{version}`], {
    version: '1.0',
    slug: 's',
    event: events.push,
  })
  expect(tags).toEqual([])
  expect(diagnostics.map(({ code }) => code)).toEqual(['plan/bad-tag', 'plan/bad-tag'])
})

test('any branch name results in a valid tag', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 60 }), (name) => {
      const { tags } = tagsFor(['{branch}'], {
        version: '1',
        slug: 's',
        event: { ...events.push, ref: `refs/heads/${name}` },
      })
      expect(tags.every(isTag)).toBe(true)
    }),
  )
})

test('a branch of any length gives a tag', () => {
  const event = { ...events.push, ref: `refs/heads/dependabot/${'npm_and_yarn/'.repeat(18)}x` }
  const { tags, diagnostics } = tagsFor(['edge-{branch}'], { version: '1.0', slug: 's', event })
  expect(diagnostics).toEqual([])
  expect(tags[0]).toMatch(/^edge-dependabot-npm_and_yarn-[\w.-]+$/)
})

test.each([
  ['refs/heads/main', 'main'],
  ['refs/heads/feature//New  Probe!', 'feature-New-Probe'],
  ['refs/heads/..x', 'x'],
  ['refs/heads/-.-x-', 'x'],
  [`refs/heads/${'x'.repeat(120)}`, 'x'.repeat(100)],
  ['refs/heads/---', undefined],
  ['refs/heads/é', undefined],
  ['refs/heads/', undefined],
  ['refs/tags/main', undefined],
  ['', undefined],
])('the ref %j is the branch %s of a tag', (ref, expected) => {
  expect(branchOf({ ...events.push, ref })).toBe(expected)
  expect(branchOf({ ...events.pullRequest, ref })).toBeUndefined()
})

test.each([
  [['{channel}', '{version}'], 'edge', ['edge', '1.2.3']],
  [['{channel}-{version}', '{slug}-{channel}'], 'pr-7', ['pr-7-1.2.3', 'my-addon-pr-7']],
  [['{channel}', '{channel}-{arch}', '{version}'], undefined, ['1.2.3']],
])('%j with the channel %s are the tags %j', (templates, channel, expected) => {
  const context = { version: '1.2.3', slug: 'My-Addon', event: events.push, channel }
  expect(tagsFor(templates, context)).toEqual({ tags: expected, diagnostics: [] })
})

test('any templates and channel result in valid tags without placeholders, or in an error', () => {
  const part = fc.oneof(...tagPlaceholders.map((name) => fc.constant(`{${name}}`)), fc.constantFrom('-', 'v', '.'))
  const template = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
  const channel = fc.constantFrom('stable', 'beta', 'edge', 'pr-7', undefined)
  fc.assert(
    fc.property(template, channel, fc.constantFrom(...Object.values(events)), (text, value, event) => {
      const { tags, diagnostics } = tagsFor([text], { version: '1.2.3', slug: 's', event, channel: value })
      const filled = tags.map((tag) => tag.replaceAll('{arch}', 'amd64'))
      expect(filled.every(isTag)).toBe(true)
      if (diagnostics.length > 0) expect(tags).toEqual([])
      if (value === undefined && text.includes('{channel}')) expect([tags, diagnostics]).toEqual([[], []])
    }),
  )
})

test('a slug in a tag is in lower case', () => {
  expect(fill('push', '1.2.3', ['{slug}-{version}', '{arch}-{slug}'])).toEqual(['my-addon-1.2.3', '{arch}-my-addon'])
})

test('args have the tags of the retired builder, including "latest" unless --no-latest is given', () => {
  const legacy = { latest: true, additionalTags: ['edge'] } as never
  expect(defaultTags('1.2.3', events.push, legacy)).toEqual(['{version}', 'latest', 'edge'])
  expect(defaultTags('1.2.3', events.release, { latest: false, additionalTags: [] } as never)).toEqual(['{version}'])
})
