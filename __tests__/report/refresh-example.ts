import type { RefreshedAddon } from '../../src/report/refresh.ts'

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`
const alpine = 'docker.io/library/alpine:3.22'

/** One add-on of each kind: outdated for one of two architectures, not known, current, and outdated without a next version. */
export const refreshed: readonly RefreshedAddon[] = [
  {
    addon: 'one',
    name: 'One',
    folder: 'addons/one',
    version: '1.2.3',
    next: '1.2.4',
    images: [
      {
        architecture: 'amd64',
        image: 'ghcr.io/org/amd64-one:1.2.3',
        state: { status: 'moved', base: alpine, was: digestOf('a'), now: digestOf('b'), reason: 'It was rebuilt.' },
      },
      { architecture: 'aarch64', image: 'ghcr.io/org/aarch64-one:1.2.3', state: { status: 'current' } },
    ],
  },
  {
    addon: 'two',
    name: 'Two',
    folder: '!two',
    version: '2.0',
    images: [
      {
        architecture: 'amd64',
        image: 'ghcr.io/org/two:2.0',
        state: { status: 'unknown', reason: 'ghcr.io/org/two:2.0 is not published.' },
      },
    ],
  },
  {
    addon: 'three',
    name: 'Three',
    folder: 'three',
    version: '3.0',
    images: [{ architecture: 'amd64', image: 'ghcr.io/org/three:3.0', state: { status: 'current' } }],
  },
  {
    addon: 'four',
    name: 'Four',
    folder: '#four',
    version: 'dev',
    images: [
      {
        architecture: 'armv7',
        image: 'ghcr.io/org/four:dev',
        state: { status: 'moved', base: 'ghcr.io/org/base:1', now: digestOf('c'), reason: 'It has other layers.' },
      },
    ],
  },
]
