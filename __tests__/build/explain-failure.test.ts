import { expect, test } from '@jest/globals'
import { explainFailure } from '../../src/build/explain-failure.ts'

const image = 'ghcr.io/a/b:1'
const resolving = (why: string) => `${image}: failed to resolve source metadata for ${image}: ${why}`

const lost = `failed to prepare extraction snapshot "extract-1-a sha256:${'2'.repeat(64)}": parent snapshot sha256:${'1'.repeat(64)} does not exist: not found`

// As BuildKit 0.32, buildx 0.29 and Docker 28.5 say it (measured).
test.each<[string, string, number, Record<string, unknown>]>([
  [
    'a base that is missing',
    resolving(`${image}: not found`),
    1,
    {
      reason: expect.stringContaining(`does not have the base image ${image}`),
      remedy: expect.stringContaining('build_from'),
    },
  ],
  [
    'a base without this platform',
    resolving('no match for platform in manifest: not found'),
    1,
    { reason: expect.stringContaining('for this architecture') },
  ],
  [
    'a base that may not be read',
    resolving('failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized'),
    1,
    { remedy: expect.stringContaining('log in') },
  ],
  [
    'a registry that is down',
    resolving('failed to do request: Head "https://ghcr.io/v2/": dial tcp: connect: connection refused'),
    1,
    { environment: true, reason: expect.stringContaining('connection refused') },
  ],
  [
    'a registry that is down, at a port with the digits of a status',
    resolving('failed to do request: Head "http://localhost:40312/v2/": dial tcp 127.0.0.1:40312: connection refused'),
    1,
    { environment: true, reason: expect.stringContaining('does not answer') },
  ],
  [
    'a registry that is overloaded',
    resolving(
      'unexpected status from HEAD request to http://localhost:40112/v2/b/manifests/1: 503 Service Unavailable',
    ),
    1,
    { environment: true, reason: expect.stringContaining('does not answer') },
  ],
  [
    'a builder that stopped',
    'failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    1,
    { environment: true, remedy: expect.stringContaining('Run the job again') },
  ],
  [
    'a layer that the image store removed',
    lost,
    1,
    {
      environment: true,
      reason: expect.stringMatching(/removed a layer .* does not exist: not found$/),
      remedy: expect.stringContaining('docker-container'),
    },
  ],
  [
    'buildx killed',
    'buildx ended without an error message',
    137,
    { environment: true, reason: expect.stringContaining('signal 9') },
  ],
])('%s', (_, said, exitCode, expected) => {
  expect(explainFailure(said, exitCode)).toMatchObject(expected)
})

test.each([
  'process "/bin/sh -c false" did not complete successfully: exit code: 1',
  'process "/bin/sh -c curl http://x" did not complete successfully: exit code: 137',
  'dockerfile parse error on line 3: unknown instruction: RUNN',
])('a clear message of buildx is kept: %s', (said) => {
  expect(explainFailure(said, 1)).toEqual({ reason: said })
})
