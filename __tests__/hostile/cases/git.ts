import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkout, config, dockerfile, type HostileCase } from '../checkout.ts'

const git = (checkout: Checkout, args: readonly string[], input?: string): string =>
  execFileSync('git', ['-C', checkout.root, ...args], {
    ...(input !== undefined && { input }),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: checkout.root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  }).trim()

const signature = '-----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----'

/** A repository with one commit, that is signed and says so; and a program that leaves a file outside, should it ever run. */
function repository(checkout: Checkout): Checkout {
  checkout.files({
    'a/config.yaml': config(),
    'a/Dockerfile': dockerfile,
    'evil.sh': '#!/bin/sh\ntouch "$(dirname "$0")/../escaped"\nexec cat\n',
  })
  chmodSync(join(checkout.root, 'evil.sh'), 0o755)
  git(checkout, ['init', '--quiet', '--initial-branch=main'])
  const tree = git(checkout, ['write-tree'])
  const who = 'a <a@example.com> 1700000000 +0000'
  const commit = git(
    checkout,
    ['hash-object', '-t', 'commit', '-w', '--stdin'],
    `tree ${tree}\nauthor ${who}\ncommitter ${who}\ngpgsig ${signature}\n\n::error::x\n`,
  )
  git(checkout, ['update-ref', 'refs/heads/main', commit])
  return checkout
}

/** Settings of a repository by which git starts a program, reads another file, or says something else. */
const settings: Readonly<Record<string, (evil: string) => string>> = {
  'gpg.program': (evil) => `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${evil}\n`,
  'gpg.ssh.program': (evil) =>
    `[log]\n\tshowSignature = true\n[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tprogram = ${evil}\n\tallowedSignersFile = /dev/null\n`,
  'gpg.x509.program': (evil) =>
    `[log]\n\tshowSignature = true\n[gpg]\n\tformat = x509\n[gpg "x509"]\n\tprogram = ${evil}\n`,
  'core.fsmonitor': (evil) => `[core]\n\tfsmonitor = ${evil}\n`,
  'core.pager': (evil) => `[core]\n\tpager = ${evil}\n[pager]\n\tlog = ${evil}\n`,
  'core.sshCommand': (evil) =>
    `[core]\n\tsshCommand = ${evil}\n[remote "origin"]\n\turl = ssh://x/y\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n`,
  'core.alternateRefsCommand': (evil) => `[core]\n\talternateRefsCommand = ${evil}\n`,
  'core.hooksPath': () => '[core]\n\thooksPath = .\n',
  'an alias of log': (evil) => `[alias]\n\tlog = !${evil}\n`,
  'a driver of diff': (evil) => `[diff "x"]\n\tcommand = ${evil}\n\ttextconv = ${evil}\n[log]\n\tdiff = true\n`,
  'an include from outside': () => '[include]\n\tpath = ../../canary.txt\n',
  'a format': () => '[format]\n\tpretty = "%ct%x0a::error::x"\n[log]\n\tdate = raw\n',
  'a file of mail addresses': () => '[mailmap]\n\tfile = /dev/zero\n[log]\n\tmailmap = true\n',
  'a worktree elsewhere': () => '[core]\n\tworktree = /\n',
  'a text that is none': () => '[[[[',
  'a long line': () => `[a]\n\tb = ${'x'.repeat(200_000)}\n`,
}

export const gitCases: readonly HostileCase[] = [
  ...Object.entries(settings).map(
    ([name, text], index): HostileCase => ({
      family: 'git',
      name: `.git/config has ${name}`,
      write: (checkout) => {
        repository(checkout).file(
          '.git/config',
          `[core]\n\trepositoryformatversion = 0\n${text(join(checkout.root, 'evil.sh'))}`,
        )
      },
      ...(index < 3 && { nasty: true }),
    }),
  ),
  {
    family: 'git',
    name: '.git leads to a repository outside',
    write: (checkout) => {
      checkout.files({ 'a/config.yaml': config(), 'a/Dockerfile': dockerfile, '.git': 'gitdir: ../outside/.git\n' })
    },
  },
  {
    family: 'git',
    name: '.git is a named pipe',
    write: (checkout) => void checkout.files({ 'a/config.yaml': config(), 'a/Dockerfile': dockerfile }).pipe('.git'),
  },
  {
    family: 'git',
    name: '.git is a loop of links',
    write: (checkout) =>
      void checkout.files({ 'a/config.yaml': config(), 'a/Dockerfile': dockerfile }).link('.git', '.git'),
  },
  {
    family: 'git',
    name: 'a commit of the year 99999',
    write: (checkout) => {
      repository(checkout)
      const who = 'a <a@example.com> 99999999999999 +0000'
      const commit = git(
        checkout,
        ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'],
        `tree ${git(checkout, ['write-tree'])}\nauthor ${who}\ncommitter ${who}\n\nx\n`,
      )
      git(checkout, ['update-ref', 'refs/heads/main', commit])
    },
    nasty: true,
  },
]
