// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell.
import { expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { startJob } from '../fakes/runner/runner.ts'
import { addonFiles } from './addon.ts'
import { readRegistry } from './registry.ts'

// Images are built, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

describeWith(
  ['bases', 'emulators', 'registry'],
  'a step of the retired builder with another "uses:"',
  ({ bases, registry = '' }) => {
    const look = readRegistry(registry)

    /** Two add-ons in the repository; the step names one of them in its variables. */
    async function publish(args: string, slug: string, inputs: Readonly<Record<string, string>> = {}) {
      const files = (name: string) =>
        addonFiles({ base: bases?.tiny ?? '', slug: name, image: `someone/{arch}-${name}` })
      const job = await startJob({
        files: { ...files(slug), ...files('other') },
        inputs: { args, 'smoke-test': 'false', audit: 'off', baseline: 'none', ...inputs },
        environment: { REGISTRY: registry, ADDON_DIRECTORY: slug, BUILD_ARGS: '--no-latest --additional-tag edge' },
      })
      try {
        const result = await job.main().done
        expect((await job.post()).exitCode).toBe(0)
        if (result.exitCode !== 0) throw new Error(result.log)
        return result
      } finally {
        await job.end()
      }
    }

    test('publishes each architecture under its name, and no multi-architecture image', async () => {
      const args =
        '--amd64 --aarch64 \\\n--target /data/${ADDON_DIRECTORY} \\\n--docker-hub $REGISTRY/arch \\\n$BUILD_ARGS\n'
      const result = await publish(args, 'retired-arch', { image: 'amd64' })
      for (const [architecture, platform] of [
        ['amd64', 'amd64'],
        ['aarch64', 'arm64'],
      ]) {
        const name = `${registry}/arch/${architecture}-retired-arch`
        expect((await look.tags(name)).toSorted()).toEqual(['1.2.3', 'edge'])
        const { json } = await look.manifest(`${name}:1.2.3`)
        expect(await look.json(name, json.config.digest)).toMatchObject({
          architecture: platform,
          config: { Labels: { 'io.hass.arch': architecture, 'io.hass.type': 'addon', 'io.hass.version': '1.2.3' } },
        })
      }
      expect(await look.tags(`${registry}/arch/retired-arch`)).toEqual([])
      expect(result.outputs['manifest-digest']).toBe('')
    })

    test('publishes several architectures under one name as one image for all of them, which have no tags', async () => {
      const args = '--aarch64 --amd64 --target $ADDON_DIRECTORY -d $REGISTRY/one -i ${ADDON_DIRECTORY}-addon'
      const result = await publish(args, 'retired-one')
      const name = `${registry}/one/retired-one-addon`
      expect((await look.tags(name)).toSorted()).toEqual(['1.2.3', 'latest'])
      const list = await look.manifest(`${name}:latest`)
      expect(list.digest).toBe(result.outputs['manifest-digest'])
      const platforms = list.json.manifests.map(
        ({ platform }: { platform: { architecture: string } }) => platform.architecture,
      )
      expect(platforms.toSorted()).toEqual(['amd64', 'arm64'])
      for (const { digest, platform } of list.json.manifests) {
        const { json } = await look.manifest(`${name}@${digest}`)
        expect(await look.json(name, json.config.digest)).toMatchObject({ architecture: platform.architecture })
      }
      expect(result.log).toContain('so it is published as one image for amd64, aarch64')
    })

    test('publishes nothing with --test', async () => {
      const args = '--test --amd64 --aarch64 --target $ADDON_DIRECTORY -d $REGISTRY/none -i ${ADDON_DIRECTORY}-addon'
      await publish(args, 'retired-none')
      expect(await look.tags(`${registry}/none/retired-none-addon`)).toEqual([])
    })
  },
)
