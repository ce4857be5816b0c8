import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, jest, test } from '@jest/globals'
import { sha256 } from '../../src/core/sha256.ts'
import type { Registry } from '../../src/registry/client.ts'
import type { Credentials } from '../../src/registry/credentials.ts'
import { parseRepository } from '../../src/registry/name.ts'
import { publish } from '../../src/registry/publish.ts'
import type { Publishable, PublishableAddon } from '../../src/registry/publishable.ts'
import { openStored } from '../../src/registry/stored-image.ts'
import { describeWith } from '../environment/describe-with.ts'
import {
  type RunningRegistry,
  registryLogin,
  startRegistry,
  startRegistry3,
  type TestRegistryOptions,
} from '../environment/registry.ts'
import { startTokenService, type TokenService } from '../fakes/token-service.ts'
import { openClient } from './distribution.ts'

jest.setTimeout(120_000)

const type = 'application/vnd.oci.image.manifest.v1+json'

/** An image of one layer for `amd64`, with bytes of its own. */
function tinyImage(name: string): Publishable {
  const layer = randomBytes(2_000)
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [sha256(layer)] } }),
  )
  const entry = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length })
  const manifest = {
    schemaVersion: 2,
    mediaType: type,
    config: entry('application/vnd.oci.image.config.v1+json', config),
    layers: [entry('application/vnd.oci.image.layer.v1.tar', layer)],
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  return {
    architecture: 'amd64',
    names: [{ image: `${name}/amd64-tiny`, tags: ['1.0', 'latest'] }],
    stored: {
      manifest: { digest: sha256(bytes), mediaType: type, bytes },
      configDigest: sha256(config),
      blobs: [...manifest.layers, manifest.config],
      open: (digest) => Readable.from([digest === sha256(layer) ? layer : config], { objectMode: false }),
    },
    testedConfig: sha256(config),
  }
}

const nameOf = ({ names: [first] }: Publishable): string => first?.image ?? ''
const only = (image: Publishable): readonly PublishableAddon[] => [
  { images: [image], isVersion: (tag) => tag === '1.0' },
]

const clientWith = (login?: Credentials): Registry => openClient({ credentials: async () => login })
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (thrown) => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)),
  )

// Distribution 2 deletes no tag.
const registries = [
  ['registry', 'distribution 2', false],
  ['registry3', 'distribution 3', true],
] as const

for (const [need, title, deletesTags] of registries) {
  describeWith([need], title, (facts) => {
    let registry: RunningRegistry
    let tokens: TokenService | undefined
    const begin = async (options: TestRegistryOptions = {}): Promise<void> => {
      registry = await (need === 'registry' ? startRegistry(options) : startRegistry3(facts, options))
    }
    afterEach(async () => {
      await registry?.release()
      await tokens?.close()
      tokens = undefined
    })

    test('takes an add-on, gives it back, and deletes what it is told to delete', async () => {
      await begin()
      const client = clientWith()
      const image = tinyImage(`${registry.address}/org`)
      const list = parseRepository(`${registry.address}/org/tiny`)
      const names = [{ image: `${registry.address}/org/tiny`, tags: ['1.0'] }]
      const multiArch = { names, annotations: new Map<string, string>() }
      const [published] = await publish([{ images: [image], multiArch, isVersion: () => true }], client)

      const repository = parseRepository(nameOf(image))
      expect([...(await client.listTags(repository))].sort()).toEqual(['1.0', 'latest'])
      expect(await client.digestOf(list, '1.0')).toBe(published?.manifest)
      const back = await openStored(client, nameOf(image), image.stored.manifest.digest)
      expect(back.manifest).toEqual(image.stored.manifest)
      for (const { digest } of back.blobs) {
        expect(await buffer(await back.open(digest))).toEqual(await buffer(await image.stored.open(digest)))
      }

      expect(await client.deleteTag(repository, 'latest')).toBe(deletesTags)
      expect(await client.digestOf(repository, '1.0')).toBe(image.stored.manifest.digest)
      expect(await client.digestOf(repository, 'latest')).toBe(deletesTags ? undefined : image.stored.manifest.digest)
      expect(await client.deleteManifest(repository, image.stored.manifest.digest)).toBe('deleted')
      expect(await client.deleteManifest(repository, image.stored.manifest.digest)).toBe('missing')
      expect(await client.digestOf(repository, '1.0')).toBeUndefined()
    })

    test('with a password refuses anonymous pulls of what a login has pushed', async () => {
      await begin({ access: 'password' })
      const image = tinyImage(`${registry.address}/org`)
      expect(await outcome(publish(only(image), clientWith()))).toBe('UNAUTHORIZED')
      const wrong = clientWith({ ...registryLogin, password: 'wrong' })
      expect(await outcome(publish(only(image), wrong))).toBe('UNAUTHORIZED')
      await publish(only(image), clientWith(registryLogin))
      const repository = parseRepository(nameOf(image))
      expect(await outcome(clientWith().manifest(repository, '1.0'))).toBe('UNAUTHORIZED')
      expect((await clientWith(registryLogin).manifest(repository, '1.0')).digest).toBe(image.stored.manifest.digest)
    })

    test('with tokens allows anonymous pulls of some repositories only, and pushes with a login', async () => {
      tokens = await startTokenService({
        accounts: [{ username: 'publisher', password: 'right' }],
        anonymousPull: /^open\//,
      })
      await begin({ access: tokens })
      const login = clientWith({ username: 'publisher', password: 'right' })
      const [open, closed] = ['open', 'closed'].map((owner) => tinyImage(`${registry.address}/${owner}`)) as [
        Publishable,
        Publishable,
      ]
      for (const image of [open, closed]) {
        expect(await outcome(publish(only(image), clientWith()))).not.toBe('done')
        await publish(only(image), login)
      }
      const pull = (image: Publishable, client: Registry) => client.manifest(parseRepository(nameOf(image)), 'latest')
      expect((await pull(open, clientWith())).digest).toBe(open.stored.manifest.digest)
      expect(await outcome(pull(closed, clientWith()))).toMatch(/^(UNAUTHORIZED|DENIED)$/)
      expect((await pull(closed, login)).digest).toBe(closed.stored.manifest.digest)
      // The registry asks for another scope to delete.
      expect(await login.deleteManifest(parseRepository(nameOf(closed)), closed.stored.manifest.digest)).toBe('deleted')
      expect(tokens.requests.some(({ scopes }) => scopes.some((scope) => scope.endsWith(':delete')))).toBe(true)
      expect(new Set(tokens.requests.map(({ authorized }) => authorized))).toEqual(new Set([true, false]))
    })
  })
}
