import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Architecture, architectures } from '../../src/core/architecture.ts'
import { selectionOf, shareOf } from '../../src/pipeline/job-share.ts'
import { optionsOf } from '../addon/corpus.ts'
import { bareHost } from '../fakes/bare-host.ts'
import { config, plan } from '../plan/planning.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Inputs = Readonly<Record<string, string>>
const refused = (inputs: Inputs) => selectionOf((name) => inputs[name] ?? '', bareHost('/workspace', folder))

describe('what a job with a plan shares', () => {
  const declared = (names: string): Inputs => ({ 'a/config.yaml': config().replace('amd64, aarch64, armv7', names) })

  test.each<readonly [string, Inputs, Inputs, readonly Architecture[], boolean]>([
    ['builds all that the add-on has', {}, {}, ['amd64', 'aarch64', 'armv7'], false],
    ['names all of them', { architectures: 'armv7,amd64,aarch64' }, {}, ['amd64', 'aarch64', 'armv7'], false],
    ['builds with --all', { args: '--test --all' }, {}, [...architectures], false],
    ['builds one of three', { args: '--test --amd64' }, {}, ['amd64'], true],
    ['builds two of three', { architectures: 'arm/v7,amd64' }, {}, ['amd64', 'armv7'], true],
    ['builds the only one', { args: '--test --amd64' }, declared('amd64'), ['amd64'], false],
    ['publishes for others', { mode: 'publish', results: 'r', architectures: 'amd64' }, {}, ['amd64'], false],
  ])('where it %s', async (_, inputs, files, chosen, partial) => {
    const options = await optionsOf({ target: 'a', ...inputs })
    expect(shareOf(await plan({ inputs, files }), options)).toEqual({ architectures: chosen, partial })
  })
})

describe('what a job with refused inputs shares', () => {
  test.each<readonly [string, Inputs]>([
    ['nothing', {}],
    ['a target', { target: './x/' }],
    ['several targets', { target: 'x\n!y\n' }],
    ['an absolute target', { target: '/workspace/x' }],
    ['args', { args: '--test --amd64 --target x' }],
    ['args of the container', { args: '--amd64 -t /data/x/' }],
    ['args without a target', { args: '--all --test' }],
    ['a target beside args', { target: 'y', args: '--amd64 --target x' }],
  ])('goes to the comment that the job would have written, given %s', async (_, inputs) => {
    const options = await optionsOf({ ...inputs })
    expect(refused({ ...inputs, 'max-size': 'a lot' }).targets).toEqual(options.targets)
  })

  test.each<readonly [string, Inputs, readonly Architecture[], boolean]>([
    ['none is named', {}, [], false],
    ['an input names them', { architectures: 'arm64, amd64' }, ['amd64', 'aarch64'], true],
    ['some are not known', { architectures: 'amd64, sparc' }, ['amd64'], true],
    ['args names them', { args: '--aarch64 --test --bogus' }, ['aarch64'], true],
    ['an input wins over args', { args: '--aarch64 --test', architectures: 'amd64' }, ['amd64'], true],
    ['all are named', { args: '--all --bogus' }, [...architectures], false],
    ['args cannot be split', { args: '--amd64 "' }, [], true],
    ['the job joins others', { mode: 'publish', architectures: 'amd64' }, ['amd64'], false],
  ])('is for the architectures that can be read: %s', (_, inputs, chosen, partial) => {
    expect(refused(inputs).share).toEqual({ architectures: chosen, partial })
  })
})
