import { execFileSync, spawn } from 'node:child_process'
import { expect, jest, test } from '@jest/globals'
import { readRegistry } from '../e2e/registry.ts'
import { readFacts } from '../environment/facts.ts'
import { describeDrivers } from './drivers.ts'
import { anyRepository, published, runFault } from './fault-job.ts'

// Emulated containers, perhaps on a busy machine.
jest.setTimeout(300_000)

const { registry = '' } = readFacts()
const reader = readRegistry(registry)
const all = ['amd64', 'aarch64', 'armv7'] as const

/**
 * The images of the containers that an engine starts from now on, by the label of their run: the engine's own word. Heard while it happens, as an
 * engine only remembers its last 256 events, those of other tests among them.
 */
function hearStarts(dockerHost: string) {
  const format = '{{index .Actor.Attributes "aicleaner-build.run"}} {{.Actor.Attributes.image}}'
  const filters = ['--filter', 'type=container', '--filter', 'event=start']
  const since = ['--since', `${Math.floor(Date.now() / 1000)}`]
  const events = spawn('docker', ['events', ...since, ...filters, '--format', format], {
    env: { ...process.env, DOCKER_HOST: dockerHost },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let heard = ''
  events.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text
  })
  return {
    of: (run = '') =>
      heard.split('\n').flatMap((line) => (line.startsWith(`${run} `) ? [line.slice(run.length + 1)] : [])),
    stop: () => void events.kill(),
  }
}

describeDrivers('a published image of three architectures', (driver) => {
  test.concurrent('the registry has the config of the tested image, and the pushed image runs', async () => {
    const repository = anyRepository()
    const environment = { SOURCE_DATE_EPOCH: '1700000000' }
    const starts = hearStarts(driver.dockerHost)
    const result = await runFault({
      driver: { ...driver, environment: { ...driver.environment, ...environment } },
      repository,
      addon: { architectures: all },
      inputs: { 'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off', annotations: 'a.b=c' },
    }).finally(starts.stop)
    if (result.exitCode !== 0) throw new Error(result.log)
    const docker = (...args: string[]) =>
      execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: driver.dockerHost } }).trim()
    // A containerd store names an image by its manifest, the classic one by its config.
    const started = starts.of(result.state.runId)
    const images = JSON.parse(result.outputs.images ?? '') as { configDigest: string; architecture: string }[]
    expect(Object.keys(await published(repository, all))).toEqual([
      ...all.map((architecture) => `${architecture}-tiny:1.2.3`),
      'tiny:1.2.3',
    ])
    for (const [index, architecture] of all.entries()) {
      const name = `${registry}/${repository}/${architecture}-tiny:1.2.3`
      const { digest, json } = await reader.manifest(name)
      expect(json.config.digest).toBe(images[index]?.configDigest)
      expect(JSON.parse(result.outputs.digests ?? '')[architecture]).toBe(digest)
      expect(started).toContain(driver.store === 'containerd' ? digest : json.config.digest)
      expect(json).toMatchObject({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        annotations: { 'a.b': 'c' },
        config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
      })
      for (const layer of json.layers) expect(layer.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip')
    }
    // Pulled by another hand than ours: every digest on the way is checked by the engine.
    const name = `${registry}/${repository}/tiny:1.2.3`
    docker('pull', '--quiet', '--platform', 'linux/arm/v7', name)
    expect(docker('run', '--rm', '--network', 'none', '--platform', 'linux/arm/v7', name, 'cat', '/built')).toBe(
      'armv7 1.0',
    )
    docker('image', 'rm', '--force', name)
  })
})
