import { expect, test } from '@jest/globals'
import { cacheFolder } from '../../src/platform/cache-dir.ts'

test.each([
  ['the home of the user', { HOME: '/home/me' }, '/home/me/.cache/aicleaner-build'],
  ['the cache folder of the user', { HOME: '/home/me', XDG_CACHE_HOME: '/cache' }, '/cache/aicleaner-build'],
  [
    'a cache folder that is not absolute',
    { HOME: '/home/me', XDG_CACHE_HOME: 'cache' },
    '/home/me/.cache/aicleaner-build',
  ],
  ['no home', {}, undefined],
  ['a home that is not absolute', { HOME: 'me' }, undefined],
  ['a machine of GitHub', { HOME: '/home/runner', RUNNER_ENVIRONMENT: 'github-hosted' }, undefined],
  [
    "a machine of one's own",
    { HOME: '/home/me', RUNNER_ENVIRONMENT: 'self-hosted' },
    '/home/me/.cache/aicleaner-build',
  ],
])('with %s, the cache folder is the expected one', (_, environment, folder) => {
  expect(cacheFolder(environment)).toBe(folder)
})
