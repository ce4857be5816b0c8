import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../describe-with.ts'
import { removeDeadRuns } from '../engine/leftovers.ts'
import type { Facts } from '../facts.ts'
import { copyBases } from '../images/bases.ts'
import { inspectMachine } from '../machine/machine.ts'
import { type RunningRegistry, startRegistry } from '../registry.ts'

const docker = (dockerHost: string | undefined, ...args: readonly string[]): string =>
  execFileSync('docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }) },
  }).trim()

const platforms: [string, string, string][] = [
  ['amd64', 'linux/amd64', 'x86_64'],
  ['aarch64', 'linux/arm64', 'aarch64'],
  ['armv7', 'linux/arm/v7', 'armv7l'],
]

describeWith(['engine', 'emulators', 'bases'], 'the base images', ({ bases }) => {
  test.each(platforms)(
    'run for %s, by tag and by platform',
    (architecture, platform, machine) => {
      for (const image of [`${bases?.tiny}:${architecture}`, `${bases?.tiny}:latest`]) {
        expect(docker(undefined, 'run', '--rm', '--pull=always', '--platform', platform, image, 'uname', '-m')).toBe(
          machine,
        )
      }
    },
    120_000,
  )

  test.each(platforms)(
    'have a Python for %s with TLS and compiled modules',
    (architecture, platform) => {
      const program =
        'import ssl, sys, ensurepip, http.server as h; print(h.__cached__.endswith(".pyc"), ssl.create_default_context().cert_store_stats()["x509_ca"] > 50)'
      const image = `${bases?.python}:${architecture}`
      expect(docker(undefined, 'run', '--rm', '--platform', platform, image, 'python3', '-c', program)).toBe(
        'True True',
      )
    },
    180_000,
  )
})

describeWith(['registry', 'bases'], 'published bases', ({ bases }) => {
  let registry: RunningRegistry
  beforeAll(async () => {
    registry = await startRegistry()
  }, 60_000)
  afterAll(() => registry.release())

  test('are copied with all platforms under the same names', async () => {
    const copied = await copyBases(await inspectMachine(), registry.address, {
      tiny: `${bases?.tiny}:latest`,
      python: (architecture) => `${bases?.python}:${architecture}`,
      s6: (architecture) => `${bases?.s6}:${architecture}`,
    })
    expect(copied).toEqual({
      tiny: `${registry.address}/base-tiny`,
      python: `${registry.address}/base-python`,
      s6: `${registry.address}/base-s6`,
    })
    for (const image of [copied.tiny, copied.python]) {
      const shown = (tag: string) => docker(undefined, 'buildx', 'imagetools', 'inspect', `${image}:${tag}`)
      for (const [, platform] of platforms) expect(shown('latest')).toContain(platform)
      for (const [architecture, platform] of platforms) {
        const format = '{{.Image.OS}}/{{.Image.Architecture}}{{with .Image.Variant}}/{{.}}{{end}}'
        const one = docker(undefined, 'buildx', 'imagetools', 'inspect', '--format', format, `${image}:${architecture}`)
        expect(one.replace('arm64/v8', 'arm64')).toBe(platform)
      }
    }
  }, 120_000)
})

describeWith(['classic-engine', 'buildkit', 'bases', 'emulators'], 'the second engine', (facts: Facts) => {
  const host = facts.engines.classic
  const name = `test-${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'test-context-'))
  beforeAll(() => {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${facts.bases?.tiny}\nRUN uname -m >/machine\n`)
    docker(
      host,
      'buildx',
      'create',
      '--name',
      name,
      '--driver',
      'docker-container',
      '--driver-opt',
      `image=${facts.buildkit},network=host`,
    )
  }, 60_000)
  afterAll(() => {
    docker(host, 'buildx', 'rm', '--force', name)
    rmSync(folder, { recursive: true })
  }, 60_000)

  test('has the classic store', () => {
    expect(docker(host, 'info', '--format', '{{.Driver}} {{json .DriverStatus}}')).not.toContain(
      'io.containerd.snapshotter',
    )
  })

  test('builds for three platforms in a container and pushes to the registry on loopback', () => {
    const image = `${facts.registry}/${name}:1`
    const wanted = platforms.map(([, platform]) => platform).join()
    docker(
      host,
      'buildx',
      'build',
      '--builder',
      name,
      '--platform',
      wanted,
      '--provenance=false',
      '--push',
      '--tag',
      image,
      folder,
    )
    for (const [, platform, machine] of platforms) {
      expect(docker(host, 'run', '--rm', '--pull=always', '--platform', platform, image, 'cat', '/machine')).toBe(
        machine,
      )
    }
  }, 240_000)

  test('publishes reachable ports and resolves container names', async () => {
    const serve = ['sh', '-c', 'echo hello >/tmp/index.html; httpd -f -h /tmp -p 80']
    docker(host, 'network', 'create', name)
    docker(
      host,
      'run',
      '-d',
      '--name',
      name,
      '--network',
      name,
      '--network-alias',
      'web',
      '-p',
      '127.0.0.1::80',
      `${facts.bases?.tiny}`,
      ...serve,
    )
    try {
      const address = docker(host, 'port', name, '80').split('\n')[0]
      const answer = await eventually(() => fetch(`http://${address}/`).then((response) => response.text()))
      expect(answer).toBe('hello\n')
      const inside = docker(
        host,
        'run',
        '--rm',
        '--network',
        name,
        `${facts.bases?.tiny}`,
        'wget',
        '-qO-',
        'http://web/',
      )
      expect(inside).toBe('hello')
    } finally {
      docker(host, 'rm', '-f', name)
      docker(host, 'network', 'rm', name)
    }
  }, 120_000)
})

describeWith(['engine', 'bases'], 'the resources of a killed run', (facts) => {
  test('are removed after half an hour, and not before', async () => {
    const whose = `aicleaner-build.run=dead-${process.pid}`
    const [inUse, free] = [`dead-${process.pid}-1`, `dead-${process.pid}-2`]
    const exists = (kind: string, id: string) => {
      try {
        return docker(undefined, kind, 'inspect', '--format', '{{.ID}}', id) !== ''
      } catch {
        return false
      }
    }
    for (const name of [inUse, free]) docker(undefined, 'network', 'create', '--label', whose, name)
    const container = docker(
      undefined,
      ...['run', '--detach', '--label', whose, '--network', inUse, `${facts.bases?.tiny}:amd64`, 'sleep', '600'],
    )
    const all = () => [exists('network', inUse), exists('network', free), exists('container', container)]
    try {
      expect(await removeDeadRuns(Date.now(), whose)).toEqual([])
      expect(all()).toEqual([true, true, true])
      expect(await removeDeadRuns(Date.now() + 31 * 60_000, whose)).toHaveLength(3)
      expect(all()).toEqual([false, false, false])
    } finally {
      if (exists('container', container)) docker(undefined, 'rm', '--force', container)
      for (const name of [inUse, free].filter((one) => exists('network', one))) docker(undefined, 'network', 'rm', name)
    }
  })
})

describeWith(['registry', 'classic-engine'], 'a test environment that is killed', ({ engines }) => {
  // At the side of each other, as those of two runs on one machine.
  test.concurrent.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s leaves nothing behind and does not affect others',
    async (signal) => {
      const holder = spawn(process.execPath, [resolve(import.meta.dirname, 'environment-hold.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [text] = await once(holder.stdout, 'data')
      const facts = JSON.parse(String(text)) as Facts
      const folder = dirname((facts.engines.classic ?? '').replace('unix://', ''))
      expect(existsSync(folder)).toBe(true)
      const own = bridgeOf(facts.engines.classic)
      // Of the network that this engine has to itself, but not where it takes its own subnets from.
      const subnet = `10.${own.replace('aic', '')}.64.0/24`
      const elsewhere = `br-${docker(facts.engines.classic, 'network', 'create', '--subnet', subnet, 'left-behind').slice(0, 12)}`
      expect(own).not.toBe(bridgeOf(engines.classic))
      // By their numbers: an engine that another test starts takes the name as soon as it is free.
      const numbers = [own, elsewhere].map((name) => bridges().get(name))
      expect(numbers).toEqual([expect.any(Number), expect.any(Number)])
      holder.kill(signal)
      await once(holder, 'exit')
      await eventually(async () => {
        if (existsSync(folder)) throw new Error(`${folder} is still there`)
      })
      await expect(fetch(`http://${facts.registry}/v2/`)).rejects.toThrow()
      const left = [...bridges()].filter(([, number]) => numbers.includes(number))
      expect(left).toEqual([])
      expect([...bridges().keys()]).toEqual(expect.arrayContaining([bridgeOf(undefined), bridgeOf(engines.classic)]))
    },
    180_000,
  )
})

/** The name of each and the number that the kernel gives only once. All of them: one without containers does not run, and Node's own list leaves it out. */
const bridges = (): ReadonlyMap<string, number> =>
  new Map(
    [
      ...execFileSync('ip', ['-o', 'link', 'show', 'type', 'bridge'], { encoding: 'utf8' }).matchAll(
        /^(\d+): ([^:@]+)/gm,
      ),
    ].map(([, number, name]) => [`${name}`, Number(number)]),
  )

const bridgeOf = (dockerHost: string | undefined) =>
  docker(dockerHost, 'network', 'inspect', '--format', '{{index .Options "com.docker.network.bridge.name"}}', 'bridge')

/** Repeats what fails until it does not, for a minute. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(250)) {
    try {
      return await work()
    } catch (thrown) {
      if (Date.now() > end) throw thrown
    }
  }
}
