import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Host } from '../../src/core/host.ts'
import { commitTime } from '../../src/platform/commit-time.ts'
import { gitVariables } from '../../src/platform/git.ts'
import { createProcesses, passing } from '../../src/platform/processes.ts'

const committed = 1_700_000_000
let home: string
let workspace: string
let marker: string
let program: string

const git = (folder: string, args: readonly string[], input = '') =>
  execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim()

/** A commit that says it is signed, so that a git that shows signatures has one to verify. */
function commit(folder: string): string {
  const tree = git(folder, ['mktree'])
  const person = `Somebody <somebody@example.org> ${committed} +0000`
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----'
  const text = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n${signature}\n\nA commit\n`
  return git(folder, ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], text)
}

function openRepository(folder: string, bare = false): string {
  git(home, ['init', '-q', ...(bare ? ['--bare'] : []), '-b', 'main', folder])
  const id = commit(folder)
  git(folder, ['update-ref', 'HEAD', id])
  return id
}

const host = (environment: Readonly<Record<string, string>> = { GITHUB_ACTIONS: 'true' }, folder = workspace): Host => {
  const whole = { PATH: process.env.PATH, HOME: home, ...environment }
  return { environment: whole, workspace: folder, processes: createProcesses(whole) } as unknown as Host
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aicleaner-git-'))
  workspace = join(home, 'work')
  marker = join(home, 'marker')
  program = join(home, 'program')
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${marker}'\n`, { mode: 0o755 })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A remote that git would ask for an object that is missed: HEAD names a commit that is not there. */
const lazy = (url: string, more: readonly (readonly [string, string])[] = []) =>
  [
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'origin'],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.url', url],
    ['protocol.allow', 'always'],
    ['protocol.ext.allow', 'always'],
    ['protocol.file.allow', 'always'],
    ...more,
  ] as const

describe('a configuration of the repository that names a program', () => {
  test.each<readonly [string, () => readonly (readonly [string, string])[], boolean]>([
    [
      'to verify signatures with',
      () => [
        ['log.showSignature', 'true'],
        ['gpg.program', program],
        ['gpg.openpgp.program', program],
      ],
      false,
    ],
    [
      'for other commands',
      () =>
        [
          ...['core.fsmonitor', 'core.pager', 'pager.log', 'pager.rev-list', 'core.editor', 'sequence.editor'],
          ...[
            'core.sshCommand',
            'core.askPass',
            'core.gitProxy',
            'credential.helper',
            'diff.external',
            'gpg.ssh.program',
          ],
          ...['alias.log', 'alias.rev-list', 'core.alternateRefsCommand', 'uploadpack.packObjectsHook'],
          ...['filter.x.clean', 'filter.x.smudge', 'filter.x.process', 'diff.x.textconv', 'trailer.x.command'],
        ].map((key) => [key, key.startsWith('alias') ? `!${program}` : program] as const),
      false,
    ],
    ['as hooks', () => [['core.hooksPath', home]], false],
    ['in a file that it includes', () => [['include.path', join(home, 'included')]], false],
    ['to fetch from, by ext::', () => lazy(`ext::${program}`), true],
    ['to fetch from, by its vcs', () => lazy(program, [['remote.origin.vcs', 'ext']]), true],
    [
      'for the other side of a fetch from a folder',
      () => lazy(workspace, [['remote.origin.uploadpack', program]]),
      true,
    ],
    [
      'for the other side of a fetch by file://',
      () => lazy(`file://${workspace}`, [['remote.origin.uploadpack', program]]),
      true,
    ],
    ['to fetch through, by SSH', () => lazy('ssh://127.0.0.1/x', [['core.sshCommand', program]]), true],
    ['to fetch through, by git://', () => lazy('git://127.0.0.1/x', [['core.gitProxy', program]]), true],
  ])('%s does not start it', async (_, entries, missing) => {
    openRepository(workspace)
    writeFileSync(join(home, 'included'), `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${program}\n`)
    for (const hook of ['post-index-change', 'reference-transaction', 'pre-auto-gc'])
      symlinkSync(program, join(home, hook))
    for (const [key, value] of entries()) git(workspace, ['config', '--add', key, value])
    if (missing) writeFileSync(join(workspace, '.git/refs/heads/main'), `${'a'.repeat(40)}\n`)
    expect(await commitTime(host())).toBe(missing ? undefined : committed * 1000)
    expect(existsSync(marker)).toBe(false)
    expect(await commitTime(host({}))).toBe(missing ? undefined : committed * 1000)
    // As buildx asks.
    for (const args of [
      ['rev-parse', '--show-toplevel'],
      ['show', '--format=%H', 'HEAD', '--quiet', '--'],
      ['status', '--porcelain'],
    ]) {
      await host().processes.exec('git', ['-C', workspace, ...args], { environment: gitVariables() })
    }
    expect(existsSync(marker)).toBe(false)
  })

  test('is not read if only files of the checkout imitate a repository', async () => {
    openRepository(workspace, true)
    expect(readdirSync(workspace)).toContain('HEAD')
    expect(await commitTime(host())).toBeUndefined()
  })

  test('is not read outside of the workspace on a runner, and is at a terminal', async () => {
    openRepository(workspace)
    const folder = join(workspace, 'addon')
    mkdirSync(folder)
    expect(await commitTime(host({ GITHUB_ACTIONS: 'true' }, folder))).toBeUndefined()
    expect(await commitTime(host({}, folder))).toBe(committed * 1000)
  })
})

// Git's own switch for its tests: only root could give a checkout to another user.
const ofAnother = (environment?: Readonly<Record<string, string>>, folder?: string): Host => {
  const { processes, ...rest } = host({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', ...environment }, folder)
  return { ...rest, processes: passing(processes, ['GIT_TEST_ASSUME_DIFFERENT_OWNER']) }
}

describe('a checkout that belongs to another user', () => {
  test('is read on a runner, through a link as well', async () => {
    openRepository(workspace)
    const link = join(home, 'link')
    symlinkSync(workspace, link)
    const onRunner = { GITHUB_ACTIONS: 'true' }
    expect(await commitTime(ofAnother(onRunner))).toBe(committed * 1000)
    expect(await commitTime(ofAnother(onRunner, link))).toBe(committed * 1000)
  })

  test('is not read at a terminal, unless the user’s own configuration says so', async () => {
    openRepository(workspace)
    expect(await commitTime(ofAnother())).toBeUndefined()
    git(home, ['config', '--global', 'safe.directory', workspace])
    expect(await commitTime(ofAnother())).toBe(committed * 1000)
  })
})
