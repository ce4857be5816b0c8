import { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { measureContext } from '../../src/context/context.ts'
import { describeWith } from '../environment/describe-with.ts'
import { buildReference, dockerOf, eventually, pythonBase, reference, temporaryFolder, uniqueName } from './docker.ts'

/** Frequent health checks, so that a container becomes healthy quickly. */
const frequentHealthChecks = ['--health-interval=1s', '--health-start-interval=500ms']
const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', ...frequentHealthChecks]

describeWith(['engine', 'bases'], 'The image of the reference add-on', (facts) => {
  const image = uniqueName('image')
  const containers: string[] = []
  const images = [image]
  /** Other images of the same Dockerfile, by what differs. */
  const builds: Partial<Record<'root' | 'offline' | 'compiled', Promise<string>>> = {}
  const { folder, remove } = temporaryFolder()
  const docker = dockerOf(facts)

  beforeAll(async () => {
    await buildReference(docker, facts, image, '--build-arg=BUILD_VERSION=3.0.0', '--build-arg=BUILD_ARCH=amd64')
    // These builds run in parallel with the first tests. The test that uses an image reports a failed build.
    builds.root = buildReference(docker, facts, uniqueName('root'), '--build-arg=RUN_AS=root')
    builds.offline = buildOffline()
    builds.compiled = buildCompiled()
    for (const build of Object.values(builds)) build.catch(() => {})
  }, 600_000)
  afterAll(async () => {
    for (const build of await Promise.allSettled(Object.values(builds)))
      if (build.status === 'fulfilled') images.push(build.value)
    await docker.try('rm', '--force', '--volumes', ...containers)
    await docker.try('image', 'rm', '--force', ...images)
    remove()
  }, 600_000)

  const builtImage = async (variant: keyof typeof builds): Promise<string> => {
    const image = await builds[variant]
    if (image === undefined) throw new Error(`The build of "${variant}" was not started.`)
    return image
  }
  const buildOffline = async (): Promise<string> => {
    const wheels = join(folder, 'wheels')
    mkdirSync(wheels)
    await docker(
      ...['run', '--rm', '--volume', `${wheels}:/wheels`],
      ...['--volume', `${join(reference, 'requirements.txt')}:/requirements.txt:ro`, pythonBase(facts)],
      ...['python3', '-m', 'pip', 'download', '--quiet', '--require-hashes', '--only-binary', ':all:'],
      ...['--dest', '/wheels', '-r', '/requirements.txt'],
    )
    return buildReference(
      ...([docker, facts, uniqueName('offline'), '--network=none', '--no-cache-filter=dependencies'] as const),
      ...['--build-arg=PIP_NO_INDEX=1', `--build-context=wheels=${wheels}`],
    )
  }
  const buildCompiled = async (): Promise<string> => {
    const context = join(folder, 'compiled')
    cpSync(reference, context, { recursive: true })
    // Only the hash of the source distribution is allowed, so pip must compile.
    appendFileSync(
      join(context, 'requirements.txt'),
      `hiredis==3.5.0 --hash=sha256:c227592cc56b7df247abe4755c26723965be68972be2149fa441ac33d82131ba\n`,
    )
    const tag = uniqueName('compiled')
    await docker(
      ...['buildx', 'build', '--load', '--provenance=false', '-t', tag],
      ...[`--build-arg=BUILD_FROM=${pythonBase(facts)}`, context],
    )
    return tag
  }
  const start = async (...options: string[]) => {
    const name = uniqueName('run')
    containers.push(name)
    await docker('run', '--detach', '--name', name, ...options)
    return name
  }
  const healthy = (name: string) =>
    eventually(async () =>
      expect(await docker('inspect', '--format', '{{.State.Health.Status}}', name)).toBe('healthy'),
    )
  const report = async (name: string) =>
    JSON.parse(
      await docker(
        'exec',
        name,
        'python3',
        '-c',
        'from urllib.request import urlopen; print(urlopen("http://127.0.0.1:8000/api/health").read().decode())',
      ),
    )
  const state = async (name: string) =>
    JSON.parse(await docker('inspect', '--format', '{{json .State}}', name)) as { ExitCode: number; Running: boolean }
  const logs = async (name: string) => {
    const { stdout, stderr } = await docker.try('logs', name)
    return stdout + stderr
  }

  test('runs without root, capabilities, network and a writable root file system, and stops on SIGTERM', async () => {
    const name = await start(...hardened, '--network=none', image)
    await healthy(name)
    expect(await report(name)).toMatchObject({ status: 'ok', store: 'memory', journal: 'memory', version: '3.0.0' })
    expect(await docker('exec', name, 'id', '-u')).toBe('10001')
    expect(await docker('diff', name)).toBe('')
    await docker('stop', '--time', '120', name)
    // 137 would mean that Docker had to kill it.
    expect((await state(name)).ExitCode).toBe(0)
  }, 600_000)

  test.each([['true'], ['false']])(
    'starts and stops with init: %s',
    async (init) => {
      const name = await start(`--init=${init}`, ...frequentHealthChecks, image)
      await healthy(name)
      await docker('stop', '--time', '120', name)
      expect((await state(name)).ExitCode).toBe(0)
    },
    600_000,
  )

  test('contains only the files that it needs at run time', async () => {
    const shell = (script: string) => docker('run', '--rm', '--entrypoint', 'sh', image, '-ec', script)
    const [unneeded, compilers, writable, docstrings] = await Promise.all([
      shell(
        'find /app /opt/aicleaner -name "*.py" -o -name __pycache__ -o -name tests -o -name "pip*" -o -name "setuptools*" -o -name "*.sh"',
      ),
      shell('command -v gcc cc make || true'),
      shell('find /app /opt/aicleaner ! -user root -o -perm /022 ! -type l'),
      shell(
        '/opt/aicleaner/bin/python -c "import waitress, prometheus_client.core, aicleaner; print(waitress.__doc__, aicleaner.__doc__, waitress.__file__)"',
      ),
    ])
    expect([unneeded, compilers, writable]).toEqual(['', '', ''])
    // Optimization level 2 removes docstrings.
    expect(docstrings).toMatch(/^None None \S+\.pyc$/)
  }, 600_000)

  test('has the expected user, health check and labels', async () => {
    const [{ Config: config }] = JSON.parse(await docker('image', 'inspect', image))
    expect(config).toMatchObject({ User: 'aicleaner', StopSignal: 'SIGTERM', ExposedPorts: { '8000/tcp': {} } })
    expect(config.Healthcheck).toMatchObject({
      Interval: 30e9,
      Timeout: 10e9,
      StartPeriod: 60e9,
      StartInterval: 2e9,
      Retries: 3,
    })
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.version': '3.0.0',
      'io.hass.version': '3.0.0',
      'io.hass.arch': 'amd64',
      'io.hass.type': 'app',
    })
  })

  test('reads /data/options.json', async () => {
    const data = join(folder, 'readable')
    mkdirSync(data)
    writeFileSync(
      join(data, 'options.json'),
      JSON.stringify({ log_level: 'debug', zones: [{ name: 'Attic', every_hours: 5 }] }),
    )
    const name = await start(...frequentHealthChecks, '--volume', `${data}:/data`, image)
    await healthy(name)
    const metrics = await docker(
      'exec',
      name,
      'python3',
      '-c',
      'from urllib.request import urlopen; print(urlopen("http://127.0.0.1:8000/metrics").read().decode())',
    )
    expect(metrics).toContain('aicleaner_cleanings_total{zone="attic"} 0.0')
  }, 600_000)

  test('uses the Supervisor API if only root can read the options file', async () => {
    const requests: string[] = []
    const supervisor = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.authorization}`)
      response.end(JSON.stringify({ result: 'ok', data: { zones: [{ name: 'From the API', every_hours: 5 }] } }))
    })
    await new Promise<void>((listening) => supervisor.listen(0, '0.0.0.0', listening))
    try {
      const data = join(folder, 'unreadable')
      mkdirSync(data)
      writeFileSync(join(data, 'options.json'), '{}')
      chmodSync(join(data, 'options.json'), 0o600)
      const { port } = supervisor.address() as AddressInfo
      const name = await start(
        ...[...frequentHealthChecks, '--add-host=supervisor:host-gateway', '--volume', `${data}:/data`],
        ...['--env=SUPERVISOR_TOKEN=test-token', `--env=SUPERVISOR_API=http://supervisor:${port}`, image],
      )
      await healthy(name)
      expect(requests).toEqual(['/addons/self/options/config Bearer test-token'])
      expect(await logs(name)).toContain('Read the options from the Supervisor API.')
      const withoutSupervisor = await start('--volume', `${data}:/data`, image)
      await eventually(async () =>
        expect(await state(withoutSupervisor)).toMatchObject({ Running: false, ExitCode: 2 }),
      )
      expect(await logs(withoutSupervisor)).toContain('permission denied for /data/options.json')
    } finally {
      supervisor.close()
    }
  }, 600_000)

  test('reports all invalid options and exits', async () => {
    const name = await start('--env=AICLEANER_LOG_LEVEL=loud', '--env=AICLEANER_SESSION_HOURS=0', image)
    await eventually(async () => expect(await state(name)).toMatchObject({ Running: false, ExitCode: 2 }))
    expect(await logs(name)).toMatch(/log_level.*session_hours/s)
  }, 600_000)

  test('takes ownership of its data and drops root privileges if built with RUN_AS=root', async () => {
    const data = join(folder, 'owned-by-root')
    mkdirSync(data, { mode: 0o755 })
    writeFileSync(join(data, 'options.json'), '{"log_level": "info"}', { mode: 0o600 })
    const name = await start(...frequentHealthChecks, '--init', '--volume', `${data}:/data`, await builtImage('root'))
    await healthy(name)
    expect(await report(name)).toMatchObject({ status: 'ok', journal: 'file' })
    const processes = (await docker('top', name, '-eo', 'pid,uid,args'))
      .split('\n')
      .filter((line) => /-m aicleaner(?!\.healthcheck)/.test(line))
    // The first line is Docker's init, which only forwards signals.
    expect(processes.at(-1)?.trim()).toMatch(/^\d+ +10001 /)
  }, 600_000)

  test('builds without network access from a folder of wheels', async () => {
    const name = await start(...hardened, await builtImage('offline'))
    expect(readdirSync(join(folder, 'wheels')).length).toBeGreaterThanOrEqual(2)
    await healthy(name)
  }, 600_000)

  test('compiles a package without a wheel and keeps the compiler out of the image', async () => {
    const compiled = await builtImage('compiled')
    const shell = (script: string) => docker('run', '--rm', '--entrypoint', 'sh', compiled, '-ec', script)
    const [packed, leftovers] = await Promise.all([
      shell('/opt/aicleaner/bin/python -c "import hiredis; print(hiredis.pack_command((\'PING\',)))"'),
      shell('command -v gcc cc || true; find /opt/aicleaner -name "setuptools*"'),
    ])
    expect(packed).toContain('PING')
    expect(leftovers).toBe('')
  }, 600_000)

  test('.dockerignore reduces a cluttered context to less than a tenth, both as measured and as sent to BuildKit', async () => {
    const context = join(folder, 'cluttered')
    cpSync(reference, context, { recursive: true })
    const clutter: Record<string, number> = {
      '.git/objects/pack/pack-1.pack': 4_000_000,
      'docs/guide.pdf': 1_000_000,
      'models/yolov8m.onnx': 20_000_000,
      'logs/aicleaner.log': 2_000_000,
      '.venv/lib/python3.12/site-packages/numpy/core.so': 8_000_000,
      'aicleaner/__pycache__/zones.cpython-312.pyc': 5_000,
      'aicleaner/web/debug.log': 300_000,
      'tests/__pycache__/test_zones.cpython-312.pyc': 5_000,
      '.vscode/settings.json': 500,
      'secrets/api_token': 48,
    }
    for (const [path, size] of Object.entries(clutter)) {
      mkdirSync(join(context, path, '..'), { recursive: true })
      writeFileSync(join(context, path), Buffer.alloc(size, 'x'))
    }
    // Exports the context as BuildKit receives it.
    const probe = join(folder, 'probe')
    mkdirSync(probe)
    writeFileSync(join(probe, 'Dockerfile'), 'FROM scratch\nCOPY . /\n')
    await docker(
      'buildx',
      'build',
      '--provenance=false',
      '--output',
      `type=local,dest=${join(probe, 'out')}`,
      '--file',
      join(probe, 'Dockerfile'),
      context,
    )
    const received = readdirSync(join(probe, 'out'), { recursive: true }) as string[]
    const measured = await measureContext(context, join(context, 'Dockerfile'))
    expect(measured.before.bytes).toBe(bytesIn(context))
    expect(measured.after).toEqual({ files: filesIn(join(probe, 'out')).length, bytes: bytesIn(join(probe, 'out')) })
    expect(measured.after.bytes).toBeLessThan(measured.before.bytes / 10)
    expect([measured.ignoreFile, measured.exclude]).toEqual(['.dockerignore', []])
    expect(received.filter((path) => /\.(log|pyc|onnx|pack|pdf|so)$|secrets|\.git|tests|\.vscode/.test(path))).toEqual(
      [],
    )
    expect(received).toEqual(
      expect.arrayContaining(['requirements.txt', 'aicleaner/__main__.py', 'build-tools/dependencies.sh']),
    )
  }, 600_000)
})

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

const bytesIn = (folder: string): number =>
  filesIn(folder).reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
