import { expect, test } from '@jest/globals'
import { baseImageOf, parseBase } from '../../src/registry/base-image.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each<[string, string, string]>([
  ['alpine', 'docker.io/library/alpine:latest', 'latest'],
  ['alpine:3.22', 'docker.io/library/alpine:3.22', '3.22'],
  ['index.docker.io/org/base:1', 'docker.io/org/base:1', '1'],
  ['ghcr.io/org/base', 'ghcr.io/org/base:latest', 'latest'],
  ['localhost:5000/base:1', 'localhost:5000/base:1', '1'],
  [`alpine@${digest}`, `docker.io/library/alpine@${digest}`, digest],
  [`ghcr.io/org/base:1@${digest}`, 'ghcr.io/org/base:1', digest],
])('the base image %s is recorded as %s', (image, name, reference) => {
  const pinned = image.includes('@') ? { digest } : {}
  const { repository: _, ...base } = parseBase(image) ?? {}
  expect(base).toEqual({ name, reference, ...pinned })
})

test.each([undefined, 'scratch', '', 'Upper/Case', '../x', 'a b', `alpine@sha512:${'a'.repeat(128)}`])(
  '%j is no base image with a name',
  (image) => {
    expect(parseBase(image)).toBeUndefined()
  },
)

test.each<[string, ReadonlyMap<string, string>, boolean]>([
  ['alpine', new Map([['alpine', './rootfs']]), true],
  ['alpine', new Map([['docker.io/library/alpine:latest', 'docker-image://x']]), true],
  ['alpine', new Map([['other', './other']]), false],
  ['alpine', new Map([['Not An Image', './other']]), false],
])('a build context replaces the base image %s: %j is %s', (baseImage, contexts, isReplaced) => {
  expect(baseImageOf({ baseImage }, contexts) === undefined).toBe(isReplaced)
})
