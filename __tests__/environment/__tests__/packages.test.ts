import { describe, expect, test } from '@jest/globals'
import { readRelease } from '../machine/release.ts'
import { aptFiles } from '../packages/apt-files.ts'
import { choosePackages } from '../packages/choose.ts'
import { findMirror, readSources } from '../packages/sources.ts'

describe('os-release', () => {
  test.each([
    [
      'with quotes',
      'NAME="Debian"\nVERSION_ID="12"\nID=debian\nVERSION_CODENAME=bookworm\n',
      ['debian', '12', 'bookworm'],
    ],
    ['with single quotes', "ID='ubuntu'\nVERSION_ID='24.04'\nVERSION_CODENAME=noble", ['ubuntu', '24.04', 'noble']],
    ['of testing, without a version', 'ID=debian\nVERSION_CODENAME=forky', ['debian', '', 'forky']],
    ['that is empty', '', ['', '', '']],
    ['with a name that ends like another', 'VARIANT_ID=x\nID=debian', ['debian', '', '']],
  ])('%s', (_, text, [id, version, codename]) => {
    expect(readRelease(text)).toEqual({ id, version, codename })
  })
})

describe('sources of packages', () => {
  test('are read from stanzas', () => {
    const text = [
      '# a comment',
      'Types: deb deb-src',
      'URIs: http://one.example/debian http://two.example/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main contrib',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb-src',
      'URIs: http://source.example/debian',
      'Suites: bookworm',
      '',
      'Enabled: no',
      'Types: deb',
      'URIs: http://off.example/debian',
      'Suites: bookworm',
      'Components: main',
    ].join('\n')
    expect(readSources(text)).toEqual([
      {
        uri: 'http://one.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
      {
        uri: 'http://two.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
    ])
  })

  test('have no key path if the key is inside the stanza', () => {
    const text =
      'Types: deb\nURIs: http://a.example\nSuites: noble\nComponents: main\nSigned-By:\n -----BEGIN PGP-----\n .\n'
    expect(readSources(text)).toEqual([{ uri: 'http://a.example', suites: ['noble'], components: ['main'] }])
  })

  test.each([
    [
      'plain',
      'deb http://a.example/debian bookworm main contrib',
      [['http://a.example/debian', 'bookworm', 'main,contrib']],
    ],
    [
      'with options',
      'deb [arch=amd64 signed-by=/k.gpg] http://a.example sid main',
      [['http://a.example', 'sid', 'main']],
    ],
    ['a comment', '# deb http://a.example sid main', []],
    ['of sources only', 'deb-src http://a.example sid main', []],
    ['with a comment behind', 'deb http://a.example sid main # mine', [['http://a.example', 'sid', 'main']]],
    ['nothing', '', []],
  ])('are read from a line: %s', (_, text, expected) => {
    const read = readSources(text).map(({ uri, suites, components }) => [uri, suites.join(), components.join()])
    expect(read).toEqual(expected)
  })

  test('include the mirror of the release itself', () => {
    const source = (uri: string, suite: string, component: string) => ({
      uri,
      suites: [suite],
      components: [component],
    })
    const sources = [
      source('http://security.example', 'bookworm-security', 'main'),
      source('http://other.example', 'bookworm', 'stable'),
      source('http://debian.example', 'bookworm', 'main'),
    ]
    expect(findMirror(sources, 'bookworm')?.uri).toBe('http://debian.example')
    expect(findMirror(sources, 'trixie')).toBeUndefined()
  })
})

describe('the packages to install', () => {
  const bookworm = { id: 'debian', version: '12', codename: 'bookworm' }
  const noble = { id: 'ubuntu', version: '24.04', codename: 'noble' }

  test('are none if nothing is missing', () => {
    expect(choosePackages(bookworm, [])).toEqual({ packages: [], pins: [] })
  })

  test.each([
    ['Docker of a later release on Debian 12', bookworm, ['forky']],
    ['Docker of a later release on Debian 13', { ...bookworm, version: '13', codename: 'trixie' }, ['forky']],
    ['its own Docker on testing', { ...bookworm, version: '', codename: 'forky' }, []],
    ['its own Docker on Ubuntu', noble, []],
    ['its own Docker elsewhere', { id: 'raspbian', version: '12', codename: 'bookworm' }, []],
  ])('include %s', (_, release, suites) => {
    const { packages, pins } = choosePackages(release, ['daemon', 'client', 'buildx', 'compose'])
    expect(pins.map(({ suite }) => suite)).toEqual(suites)
    expect(packages).toEqual(expect.arrayContaining(['docker.io', 'docker-buildx', 'runc', 'iptables']))
  })

  test('have their Ubuntu names, each once', () => {
    const { packages } = choosePackages(noble, ['daemon', 'client', 'compose'])
    expect(packages).toEqual(['docker.io', 'runc', 'iptables', 'ca-certificates', 'docker-compose-v2'])
  })

  test('do not include installed tools', () => {
    expect(choosePackages(bookworm, ['qemu'])).toEqual({
      packages: ['qemu-user-static'],
      pins: [{ packages: 'qemu-user*', suite: 'trixie' }],
    })
  })
})

test('a later release is only used for the pinned packages', () => {
  const mirror = { uri: 'http://debian.example', suites: ['bookworm'], components: ['main'], signedBy: '/k.gpg' }
  const pins = [
    { packages: 'docker.io', suite: 'forky' },
    { packages: 'qemu-user*', suite: 'trixie' },
  ]
  const files = aptFiles('/tmp/apt', mirror, pins)
  expect(files.sources).toMatch(
    /^URIs: http:\/\/debian\.example\nSuites: forky trixie\nComponents: main\nSigned-By: \/k\.gpg$/m,
  )
  expect(files.preferences.split('\n\n').map((stanza) => stanza.trim())).toEqual([
    'Package: *\nPin: release n=forky\nPin-Priority: 100',
    'Package: *\nPin: release n=trixie\nPin-Priority: 100',
    'Package: docker.io\nPin: release n=forky\nPin-Priority: 990',
    'Package: qemu-user*\nPin: release n=trixie\nPin-Priority: 990',
  ])
  expect(files.configuration).toContain('Dir::State::lists "/tmp/apt/lists";')
})
