import { expect, test } from '@jest/globals'
import { createImage } from '../images/imagetools.ts'

/** A docker that ends in these ways, one after the other. */
const dockerThat = (...ways: readonly ('goes well' | string)[]) => {
  const calls: (readonly string[])[] = []
  return {
    calls,
    async call(_: string, args: readonly string[]) {
      const way = ways[calls.length] ?? 'goes well'
      calls.push(args)
      if (way !== 'goes well') throw new Error(way)
      return ''
    },
  }
}
const doubt = 'unknown: provided digest did not match uploaded content | unknown: blob unknown to registry'

test('a copy is repeated after a transient error of the registry', async () => {
  const docker = dockerThat(doubt, doubt)
  await createImage('r/a:1', ['r/b:1', 'r/c:1'], docker.call)
  expect(docker.calls).toEqual(Array(3).fill(['buildx', 'imagetools', 'create', '--tag', 'r/a:1', 'r/b:1', 'r/c:1']))
})

test('a copy fails if the transient error persists', async () => {
  const docker = dockerThat(...Array(9).fill(doubt))
  await expect(createImage('r/a:1', ['r/b:1'], docker.call)).rejects.toThrow('did not match')
  expect(docker.calls).toHaveLength(4)
})

test('a copy fails immediately after any other error', async () => {
  const docker = dockerThat('r/b:1: not found')
  await expect(createImage('r/a:1', ['r/b:1'], docker.call)).rejects.toThrow('not found')
  expect(docker.calls).toHaveLength(1)
})
