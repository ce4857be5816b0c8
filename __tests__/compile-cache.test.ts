import { expect, test } from '@jest/globals'
import { compileCacheFolder } from '../src/compile-cache.ts'

test.each([
  ['the home of the user', { HOME: '/home/me' }, '/home/me/.cache/aicleaner-build/compiled'],
  ['the cache folder of the user', { HOME: '/home/me', XDG_CACHE_HOME: '/cache' }, '/cache/aicleaner-build/compiled'],
  [
    'a cache folder that is not absolute',
    { HOME: '/home/me', XDG_CACHE_HOME: 'cache' },
    '/home/me/.cache/aicleaner-build/compiled',
  ],
  ['no home', {}, undefined],
  ['a home that is not absolute', { HOME: 'me' }, undefined],
  ['a machine of GitHub', { HOME: '/home/runner', RUNNER_ENVIRONMENT: 'github-hosted' }, undefined],
  [
    "a machine of one's own",
    { HOME: '/home/me', RUNNER_ENVIRONMENT: 'self-hosted' },
    '/home/me/.cache/aicleaner-build/compiled',
  ],
])('with %s, what Node compiles is kept in the right place or nowhere', (_, environment, folder) => {
  expect(compileCacheFolder(environment)).toBe(folder)
})
