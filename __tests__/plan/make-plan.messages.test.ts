// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { oneLine } from '../../src/core/diagnostics.ts'
import { showPlan } from '../../src/plan/show.ts'
import { events } from './events.ts'
import { attempt, config, plain, type Setting } from './planning.ts'

const args = (line: string, more = {}) => ({ inputs: { target: '', args: `${line} --target a`, ...more } })
const dockerfile = (text: string, more: Setting = {}): Setting => ({ ...more, files: { 'a/Dockerfile': text } })
const build = (text: string, dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM'): Setting => ({
  files: { 'a/build.yaml': text, 'a/Dockerfile': dockerfile },
})
const image = (name: string, more = {}): Setting => ({
  inputs: { image: name, architectures: 'amd64,aarch64', ...more },
})
const inConfig = (name: string, more: Setting = {}): Setting => ({
  ...more,
  files: { 'a/config.yaml': config(`image: "${name}"\n`) },
})
const released = (tag: string) => ({ ...events.release, release: { tag, prerelease: false, draft: false } })
const two = (more = '', slug = 'other'): Setting => ({
  files: { 'a/config.yaml': config(more), 'b/config.yaml': config(more, slug), 'b/Dockerfile': plain },
  inputs: { target: 'a\nb' },
})

/** By what is odd in them. */
const settings: Readonly<Record<string, Setting>> = {
  'nothing is odd': { inputs: { architectures: 'amd64' } },
  'a local build': { inputs: { architectures: 'amd64' }, event: events.local },
  'build arguments, labels and annotations': {
    files: {
      'a/build.yaml': 'args: {A: "file {arch}", B: file}\nlabels: {a: "{version}", b: file}',
      'a/Dockerfile': 'FROM x/y\nLABEL org.opencontainers.image.title=own io.hass.url=own',
    },
    inputs: { architectures: 'amd64', 'build-args': 'B=input {arch}', labels: 'b=input {version}' },
  },
  'nobody to push to': { inputs: { push: 'true' }, event: events.local },
  'a stage': dockerfile('FROM x/y AS one\nFROM a/b', { inputs: { stage: 'one', architectures: 'amd64' } }),
  'a stage that is misspelt': dockerfile('FROM a/b AS production', { inputs: { stage: 'prodution' } }),
  'a stage unlike those that there are': dockerfile('FROM a/b AS one\nFROM c/d AS two', {
    inputs: { stage: 'zzzzzz' },
  }),
  'a stage where none has a name': dockerfile('FROM a/b', { inputs: { stage: 'one' } }),
  'no Dockerfile for two of three': {
    files: { 'b/config.yaml': config('', 'b'), 'b/Dockerfile.armv7': 'FROM a/b' },
    inputs: { target: 'b' },
  },
  'an empty Dockerfile': { files: { 'a/Dockerfile': '', 'a/Dockerfile.armv7': 'FROM a/b' } },

  'no base and no default': dockerfile('\nARG BUILD_FROM\nFROM $BUILD_FROM'),
  'no value for another argument': dockerfile('ARG BASE\nFROM $BASE'),
  'an argument without a declaration': dockerfile('FROM $BUILD_FROM'),
  'an argument that is declared too late': dockerfile('FROM a\nARG BUILD_FROM\nFROM $BUILD_FROM'),
  'no base for two of three': build('build_from: {amd64: a/b}'),
  'no base for one of three, with a default': build(
    'build_from: {amd64: a/b, armv7: a/b}',
    'ARG BUILD_FROM=c/d\nFROM $BUILD_FROM',
  ),
  'no base for one of three, but the input has it': {
    ...build('build_from: {amd64: a/b, armv7: a/b}'),
    inputs: { 'build-args': 'BUILD_FROM=x/y' },
  },
  'bases that nobody uses': build('build_from: a/b', 'FROM c/d'),
  'a base for another architecture': dockerfile('FROM ghcr.io/x/amd64-base'),
  'a base for the other 32-bit ARM': {
    files: { 'a/config.yaml': config().replace(/arch: .*/, 'arch: [armhf]'), 'a/Dockerfile': 'FROM x/armv7-base' },
  },
  'a base of build.yaml for another architecture': build(
    'build_from: {amd64: x/aarch64-base, aarch64: x/y, armv7: x/y}',
  ),
  'a platform for good': dockerfile('FROM --platform=linux/amd64 a/b'),
  'a platform that Home Assistant does not have': dockerfile('FROM --platform=vax a/b'),
  'the platform of the builder': dockerfile('FROM --platform=$BUILDPLATFORM a/b'),
  'a base in capitals': dockerfile('FROM Alpine:3'),
  'a base that is no name': dockerfile('FROM a/b:c:d'),
  'a base that comes to no name': dockerfile('ARG BASE=a//b\nFROM $BASE'),
  'a placeholder of build.yaml in a Dockerfile': dockerfile('ARG BUILD_FROM=ghcr.io/o/{arch}-base\nFROM $BUILD_FROM'),
  'arguments for good': build('args: {BUILD_NAME: mine, BUILD_VERSION: "1.0", BUILD_ARCH: all}', plain),
  'another version for good': build('args: {BUILD_VERSION: "9", BUILD_NAME: "1.0"}', plain),
  'a value that is too long': dockerfile(`ARG A=${'x'.repeat(9000)}\nARG B=$A$A\nFROM $B`),

  'two Dockerfiles, each with a platform for good': {
    files: {
      'a/Dockerfile': 'FROM --platform=linux/amd64 a/b',
      'a/Dockerfile.armv7': 'FROM --platform=linux/386 a/b',
    },
  },
  'two bases that are no names': dockerfile('FROM Alpine:3 AS one\nFROM Debian:4\nCOPY --from=one / /'),
  'no base for two of three, and no such stage': { ...build('build_from: {amd64: a/b}'), inputs: { stage: 'x' } },

  'capitals of the user': image('ghcr.io/Org/{arch}-n'),
  'capitals in both names': image('ghcr.io/o/{arch}-n', { 'multi-arch-image': 'ghcr.io/O/N', version: '1' }),
  'a name with a tag': image('ghcr.io/o/{arch}-n:1'),
  'a name that is too long': image(`ghcr.io/o/{arch}-${'n'.repeat(250)}`),
  'a name that its slug makes bad': { files: { 'a/config.yaml': config('', '_x') } },
  'a list with a bad name': image('ghcr.io/o/{arch}-n', { 'multi-arch-image': 'ghcr.io/o/n:1' }),
  'a list with the name of an architecture': image('ghcr.io/o/{arch}-n', { 'multi-arch-image': 'ghcr.io/o/armv7-n' }),
  'no name for the list': image('ghcr.io/{arch}'),
  'no list': image('ghcr.io/o/{arch}-n', { 'multi-arch-image': 'false' }),
  'no list, and one name': image('ghcr.io/o/n', { 'multi-arch-image': 'false' }),
  'one name in config.yaml, and no list': inConfig('ghcr.io/o/n', { inputs: { 'multi-arch-image': 'false' } }),
  'no tag for the list': image('ghcr.io/o/{arch}-n', { tags: '{version}-{arch}' }),
  'a placeholder that the Supervisor leaves': inConfig('ghcr.io/{owner}/{arch}-{slug}'),
  'a placeholder without a meaning': inConfig('o/{machine}-n'),
  'a name that the Supervisor will not ask for': inConfig('ghcr.io/o/{arch}-n', {
    inputs: { image: 'ghcr.io/o/{arch}-m' },
  }),
  'a name for all that the Supervisor will not ask for': inConfig('ghcr.io/o/n', {
    inputs: { image: 'ghcr.io/o/{arch}-m' },
  }),
  'a name for all that says one architecture': inConfig('ghcr.io/o/amd64-n'),

  'a part of a list': image('ghcr.io/o/{arch}-n', { push: 'true' }),
  'a part of a shared name': image('ghcr.io/o/n', { push: 'true' }),
  'an architecture that the add-on does not have': { inputs: { architectures: 'amd64,i386' } },
  'two that the add-on does not have': { inputs: { architectures: 'amd64,i386,armhf' } },
  'none that the add-on has': { inputs: { architectures: 'i386' } },
  'none of two that the add-on has': { inputs: { architectures: 'i386,armhf' } },
  'none that any add-on has': { ...two(), inputs: { target: 'a\nb', architectures: 'i386' } },
  'one that no add-on has': { ...two(), inputs: { target: 'a\nb', architectures: 'amd64,i386' } },
  'one that one add-on has': {
    files: {
      'a/config.yaml': config(),
      'b/config.yaml': config('', 'other').replace(/arch: .*/, 'arch: [i386]'),
      'b/Dockerfile': plain,
    },
    inputs: { target: 'a\nb', architectures: 'i386' },
  },
  'two build.yaml': {
    files: {
      'a/build.yaml': 'args: {}',
      'b/config.yaml': config('', 'o'),
      'b/Dockerfile': plain,
      'b/build.yaml': 'args: {}',
    },
    inputs: { target: 'a\nb', architectures: 'amd64' },
  },
  'two with one slug': two('', 'Probe'),
  'two of one folder name, without slugs': {
    files: {
      'x/a/config.yaml': 'name: x\nversion: "1"\narch: [amd64]\n',
      'x/a/Dockerfile': plain,
      'y/a/config.yaml': 'name: x\nversion: "1"\narch: [amd64]\n',
      'y/a/Dockerfile': plain,
    },
    inputs: { target: 'x\ny' },
  },
  'two with one name of the input': { ...two(), inputs: { target: 'a\nb', image: 'ghcr.io/o/{arch}-n' } },
  'two with one list': {
    ...two(),
    inputs: { target: 'a\nb', image: 'ghcr.io/o/{arch}-{slug}', 'multi-arch-image': 'ghcr.io/o/n' },
  },
  'two of which one has an architecture': {
    files: {
      'a/config.yaml': config(),
      'b/config.yaml': config('', 'other').replace(/arch: .*/, 'arch: [amd64, i386]'),
      'b/Dockerfile': plain,
    },
    inputs: { target: 'a\nb', architectures: 'amd64,i386' },
  },
  'two of which one declares no architecture': {
    files: {
      'a/config.yaml': config(),
      'b/config.yaml': 'name: x\nslug: x\nversion: "1"\n',
      'b/Dockerfile': plain,
    },
    inputs: { target: 'a\nb', architectures: 'amd64,i386' },
  },
  'none of two that any add-on has': { ...two(), inputs: { target: 'a\nb', architectures: 'i386,armhf' } },
  'two with one name': two('image: ghcr.io/o/{arch}-n\n'),

  'a pull request that pushes': {
    inputs: { push: 'true', architectures: 'amd64,aarch64,armv7' },
    event: events.pullRequest,
  },
  'a pull request that pushes two tags': { inputs: { push: 'true' }, event: { ...events.pullRequest } },
  'no tag left to push': { inputs: { push: 'true', tags: 'pr-{pr}' } },
  'no tag left': { inputs: { tags: 'pr-{pr}' } },
  'a tag that none can be': { inputs: { tags: '-{version}\n.x' } },
  'a tag that is an architecture': { inputs: { tags: '{arch}\n{version}' } },
  'a licence': {
    files: { 'a/build.yaml': 'labels: {org.opencontainers.image.licenses: MIT}' },
    inputs: { architectures: 'amd64' },
  },

  'a plus sign': { files: { 'a/config.yaml': config().replace('"1.0"', '1.0+b') } },
  'a plus sign in the input': { inputs: { version: '1.0+b' } },
  'a plus sign in the release': { event: released('v2.0+b') },
  'a version that no tag can be': { files: { 'a/config.yaml': config().replace('"1.0"', '"1.0 beta"') } },
  'a release that is no version': { event: released('x/y') },
  'a release that config.yaml does not have': { event: events.release },
  'a release that config.yaml does not have, with args': { ...args('--test --amd64'), event: events.release },
  'a release that two do not have': { ...two(), event: events.release },
  'a release of another add-on': { ...two(), event: released('third-2.0') },
  'a tag that names the folder': { event: { ...events.tag, ref: 'refs/tags/A@1.0' } },

  'args: one name for two': { ...inConfig('ghcr.io/o/n'), ...args('--amd64 --aarch64') },
  'args: one name for one': { ...inConfig('ghcr.io/o/n'), ...args('--amd64') },
  'args: one name for one of one': {
    files: { 'a/config.yaml': config('image: ghcr.io/o/n\n').replace(/arch: .*/, 'arch: [amd64]') },
    ...args('--amd64'),
  },
  'args: one name with another last part': { ...inConfig('ghcr.io/o/n'), ...args('--amd64 --aarch64 -i m') },
  'args: one name with another first part': { ...inConfig('ghcr.io/o/n'), ...args('--amd64 --aarch64 -d p') },
  'args: one name of the options': args('--amd64 --aarch64 -d o -i n'),
  'args: a base that it took': { ...dockerfile('ARG BUILD_FROM\nFROM $BUILD_FROM'), ...args('--amd64 --armhf') },
  'args: a base in place of a default': {
    ...dockerfile('ARG BUILD_FROM=x/amd64-base\nFROM $BUILD_FROM'),
    ...args('--amd64 --aarch64'),
  },
  'args: a base that build_from leaves out': { ...build('build_from: {amd64: x/y}'), ...args('--amd64 --aarch64') },
  'args: a base that build_from leaves out, in place of a default': {
    ...build('build_from: {amd64: x/y}', 'ARG BUILD_FROM=x/amd64-base\nFROM $BUILD_FROM'),
    ...args('--amd64 --aarch64'),
  },
  'args: a default that stays': { ...dockerfile('ARG BUILD_FROM=x/base:1\nFROM $BUILD_FROM'), ...args('--amd64') },
  'args: an architecture that the add-on does not have': args('--amd64 --i386'),
  'args: two architectures that the add-on does not have': args('--amd64 --i386 --armhf'),
  'args: all architectures of the input': args('--amd64', { architectures: 'amd64,aarch64,armv7,armhf,i386' }),
  'args: all architectures': args('--all'),
  'args: a pull request that pushes': { ...args('--amd64'), event: events.pullRequest },
  'args: the oldest ARM': {
    files: { 'a/config.yaml': config().replace(/arch: .*/, 'arch: [armhf]') },
    ...args('--armhf --test'),
  },
  'args: another release': args('--amd64 --release 9 --additional-tag edge'),
}

const golden = new URL('golden/messages.txt', import.meta.url)

/** Where labels and build arguments are shown; elsewhere they are the same. */
const inFull = [
  'nothing is odd',
  'a local build',
  'build arguments, labels and annotations',
  'arguments for good',
  'args: the oldest ARM',
  'args: another release',
]

/** What is said of a setting, as a log shows it, and the plan. */
async function told(name: string, setting: Setting): Promise<string> {
  const { plan, diagnostics } = await attempt(setting)
  const lines = diagnostics.flatMap((one) =>
    // It is said of nearly all of them.
    one.code === 'config/deprecated-architecture' ? [] : [`${one.severity} ${one.code}\n  ${oneLine(one)}`],
  )
  const shown = plan ? showPlan(plan) : ['no plan']
  const facts = shown.filter((line) => inFull.includes(name) || !/^ {4}--(?:label|build-arg)/.test(line))
  return [`## ${name}`, ...lines, ...facts, ''].join('\n').replaceAll(/n{20,}/g, 'nnn…')
}

const sections = existsSync(golden) ? readFileSync(golden, 'utf8').split(/^(?=## )/m) : []

test.each(Object.keys(settings))('messages and plan of %s match the golden file', async (name) => {
  const section = await told(name, settings[name] ?? {})
  if (sections.length === 0 && !process.env.CI) return
  expect(section.trim()).toBe(sections.find((one) => one.startsWith(`## ${name}\n`))?.trim())
})

test('the golden file has exactly these settings', async () => {
  const all = await Promise.all(Object.entries(settings).map(([name, setting]) => told(name, setting)))
  if (sections.length === 0 && !process.env.CI) {
    mkdirSync(new URL('.', golden), { recursive: true })
    writeFileSync(golden, all.join('\n'))
  }
  expect(sections.length === 0 || all.length === sections.length).toBe(true)
})
