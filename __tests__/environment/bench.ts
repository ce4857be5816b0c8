import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { type AddonOptions, addonFiles } from '../e2e/addon.ts'
import { prepareTestEnvironment } from './environment.ts'
import { staticImports } from './static-imports.ts'

// `npm run bench`: prints ratios within one run, because absolute times are meaningless on a shared machine. A slow result is not a failure.

const root = resolve(import.meta.dirname, '..', '..')
const node = process.execPath
const cli = join(root, 'dist', 'cli', 'index.js')
const main = join(root, 'dist', 'main', 'index.js')
const architectures = { amd64: 'linux/amd64', aarch64: 'linux/arm64', armv7: 'linux/arm/v7' } as const

const row = (what: string, value: string, aim: string) =>
  console.log(`${what.padEnd(72)} ${value.padStart(9)}   ${aim}`)
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Milliseconds until the program exits. Rejects if the exit code is not `exitCode`. */
function time(
  command: string,
  args: readonly string[],
  { environment = process.env, cwd = root, exitCode = 0 } = {},
): Promise<number> {
  const began = performance.now()
  return new Promise((done, reject) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === exitCode) done(performance.now() - began)
      else reject(new Error(`${[command, ...args].join(' ')} ended with ${code}`))
    })
  })
}

/** Runs `a` and `b` alternately, so that other load on the machine affects both alike. */
async function compare(times: number, a: () => Promise<number>, b: () => Promise<number>): Promise<number> {
  const as: number[] = []
  const bs: number[] = []
  for (let round = 0; round < times; round += 1) {
    as.push(await a())
    bs.push(await b())
  }
  return median(as) / median(bs)
}

async function coldStart(folder: string): Promise<void> {
  const empty = join(folder, 'empty.mjs')
  await writeFile(empty, '')
  const environment = {
    PATH: process.env.PATH,
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: folder,
    INPUT_MODE: 'wrong',
    INPUT_TARGET: '.',
  }
  const ratio = await compare(
    9,
    () => time(node, [main], { environment, exitCode: 2 }),
    () => time(node, [empty], { environment }),
  )
  row('cold start until a bad input is refused / empty Node script', `${ratio.toFixed(2)} ×`, 'aim ≤ 4 ×, a peer: 9 ×')
}

/** What Node loads from the bundle before the first input is read: the entry and its static imports. */
async function loadedAtStart(): Promise<void> {
  let bytes = 0
  for (const file of staticImports(main)) bytes += (await stat(file)).size
  row('size of what the runner loads at start', `${(bytes / 1e6).toFixed(2)} MB`, 'aim ≤ 0.45 MB, peers: 10.4 MB')
}

/** Wrappers of docker and buildx, first in the PATH, that record each call and then run the real program. */
async function withCountedDocker(folder: string): Promise<{
  readonly environment: Readonly<Record<string, string>>
  readonly calls: () => Promise<readonly string[]>
}> {
  const output = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout.trim()
  const plugin = '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}'
  const programs = {
    'bin/docker': output('command -v docker'),
    'cli-plugins/docker-buildx': output(`docker info --format '${plugin}'`),
  }
  const log = join(folder, 'calls')
  await writeFile(log, '')
  for (const [place, real] of Object.entries(programs)) {
    await mkdir(dirname(join(folder, place)))
    const script = `#!/bin/sh\necho "${basename(place)} $1" >> ${log}\nexec ${real} "$@"\n`
    await writeFile(join(folder, place), script, { mode: 0o755 })
  }
  return {
    environment: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, DOCKER_CONFIG: folder },
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
  }
}

async function writeAddon(work: string, options: AddonOptions): Promise<void> {
  for (const [path, text] of Object.entries(addonFiles(options))) {
    await mkdir(dirname(join(work, path)), { recursive: true })
    await writeFile(join(work, path), text)
  }
}

/** `steps`: milliseconds for one, two, three … items. Prints the cost of each added item, to show whether growth is linear. */
function growth(what: string, steps: readonly number[]): void {
  const [first = 1] = steps
  const more = steps.slice(1).map((ms, index) => (ms - (steps[index] ?? 0)) / first)
  const each = more.reduce((sum, part) => sum + part, 0) / Math.max(1, more.length)
  row(
    `cost of each added ${what}, cached, of a run with one`,
    `${(each * 100).toFixed(0)} %`,
    `linear: one by one ${more.map((part) => `${(part * 100).toFixed(0)} %`).join(', ')}`,
  )
}

const hostedRunner = (temporary: string, workspace: string): NodeJS.ProcessEnv => ({
  ...process.env,
  SOURCE_DATE_EPOCH: '1700000000',
  RUNNER_ENVIRONMENT: 'github-hosted',
  RUNNER_TEMP: temporary,
  GITHUB_WORKSPACE: workspace,
})

/** Milliseconds for `docker buildx build` of all architectures in parallel. */
async function bareBuilds(
  context: string,
  base: string,
  more: (architecture: string) => readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const began = performance.now()
  await Promise.all(
    Object.entries(architectures).map(([architecture, platform]) =>
      time(
        'docker',
        [
          ...['buildx', 'build', '--platform', platform, '--provenance=false', '--progress=quiet'],
          ...['--build-arg', `BUILD_FROM=${base}:${architecture}`, '--build-arg', `BUILD_ARCH=${architecture}`],
          ...more(architecture),
          context,
        ],
        { environment },
      ),
    ),
  )
  return performance.now() - began
}

/** An add-on of realistic size: most of the time is spent on writing, checking and measuring its files. */
async function referenceAddon(folder: string, base: string): Promise<void> {
  const environment = hostedRunner(folder, root)
  const ours = () =>
    time(
      node,
      [
        ...[cli, 'run', 'docker', '--build-args', `BUILD_FROM=${base}:{arch}`],
        ...['--baseline', 'none', '--smoke-test', 'false', '--audit', 'off'],
      ],
      { environment },
    )
  const layouts = join(folder, 'layouts')
  const layout = (architecture: string) => ['--output', `type=oci,tar=false,dest=${join(layouts, architecture)}`]
  const bare = async () => {
    // BuildKit does not write blobs that already exist.
    await rm(layouts, { recursive: true, force: true })
    return bareBuilds(join(root, 'docker'), base, layout, environment)
  }
  await ours()
  await bare()
  row(
    'cached run of the reference add-on / bare builds that write the same layouts',
    `${(await compare(5, ours, bare)).toFixed(2)} ×`,
    'the run also reads 640 MB of files',
  )
}

interface SmokeReport {
  readonly durationMs: number
  readonly checks: readonly { readonly name: string; readonly durationMs?: number }[]
}

/** The checks that wait for each other, in this order. Those that are not named run beside them. */
const criticalPath = ['healthy', 'settles', 'stops', 'restart']

/** What the smoke test adds to a cached build of one native image, and which checks take the time. */
async function smokeTests(folder: string, base: string): Promise<void> {
  const work = join(folder, 'smoke')
  const reports = join(folder, 'smoke-report')
  await writeAddon(work, { base, architectures: ['amd64'] })
  const environment = hostedRunner(folder, work)
  const run = (checks: boolean) => {
    const args = ['--baseline', 'none', '--audit', 'off', '--smoke-test', String(checks), '--report-path', reports]
    return time(node, [cli, 'run', 'tiny', ...args], { environment, cwd: work })
  }
  await run(false)
  const ratio = await compare(
    3,
    () => run(true),
    () => run(false),
  )
  await run(true)
  const { addons } = JSON.parse(await readFile(join(reports, 'report.json'), 'utf8'))
  const { durationMs, checks }: SmokeReport = addons[0].targets[0].smoke
  const share = (ms: number) => `${((100 * ms) / durationMs).toFixed(0)} %`
  const parts = criticalPath.map((name) => ({ name, ms: checks.find((one) => one.name === name)?.durationMs ?? 0 }))
  const rest = parts.reduce((left, { ms }) => left - ms, durationMs)
  row(
    'all smoke checks / no smoke test, cached, one architecture, healthy at once',
    `${ratio.toFixed(2)} ×`,
    `critical path: ${[...parts, { name: 'everything else', ms: rest }].map(({ name, ms }) => `${name} ${share(ms)}`).join(', ')}`,
  )
}

async function builds(folder: string, base: string): Promise<void> {
  const work = join(folder, 'work')
  await writeAddon(work, { base })
  const environment = hostedRunner(folder, work)
  const action = (...more: string[]) => [
    cli,
    'run',
    'tiny',
    '--baseline',
    'none',
    '--smoke-test',
    'false',
    '--audit',
    'off',
    ...more,
  ]
  const ours = (...more: string[]) => time(node, action(...more), { environment, cwd: work })
  const bare = (output: (architecture: string) => readonly string[]) =>
    bareBuilds(
      join(work, 'tiny'),
      base,
      (architecture) => ['--build-arg', 'GREETING=1.0', ...output(architecture)],
      environment,
    )
  // The first run fills the builder's cache; the second one records that everything is cached.
  await ours()
  await ours()
  await bare(() => [])
  row(
    'cached run of three architectures without checks / bare buildx builds',
    `${(
      await compare(
        15,
        () => ours(),
        () => bare(() => []),
      )
    ).toFixed(2)} ×`,
    'aim ≤ 1.25 ×',
  )
  const registry = base.slice(0, base.indexOf('/'))
  const push = () => ours('--push', '--image', `${registry}/bench/{arch}-tiny`)
  const barePush = () => bare((architecture) => ['--tag', `${registry}/bench/bare-${architecture}:1`, '--push'])
  await push()
  await push()
  await barePush()
  row(
    'the same with push and manifest / bare buildx build --push',
    `${(await compare(15, push, barePush)).toFixed(2)} ×`,
    'aim ≤ 1.3 ×',
  )

  const timed = async (...more: string[]) => median([await ours(...more), await ours(...more), await ours(...more)])
  const steps = [
    await timed('--architectures', 'amd64'),
    await timed('--architectures', 'amd64,aarch64'),
    await timed(),
  ]
  growth('architecture', steps)

  const slugs = ['one', 'two', 'three', 'four']
  for (const slug of slugs) await writeAddon(work, { base, slug, folder: `many/${slug}`, architectures: ['amd64'] })
  const addons = async (count: number) =>
    timed(
      '--target',
      slugs
        .slice(0, count)
        .map((slug) => `many/${slug}`)
        .join('\n'),
    )
  await addons(4)
  growth('add-on', [await addons(1), await addons(2), await addons(3), await addons(4)])

  const counted = await withCountedDocker(folder)
  await time(node, action(), { environment: { ...environment, ...counted.environment }, cwd: work })
  const calls = await counted.calls()
  const before = calls.findIndex((call) => /^docker-buildx build$/.test(call))
  row(
    'helper processes before the first build',
    String(before + 1),
    `aim ≤ 3: ${[...calls.slice(0, before), 'git log'].join(', ')}`,
  )
}

const folder = await mkdtemp(join(tmpdir(), 'aicleaner-bench-'))
const testEnvironment = await prepareTestEnvironment({ needs: ['engine', 'emulators', 'registry', 'bases'] })
try {
  console.log('')
  await coldStart(folder)
  await loadedAtStart()
  const { bases } = testEnvironment.facts
  if (bases) {
    await builds(folder, bases.tiny)
    await smokeTests(folder, bases.tiny)
    await referenceAddon(folder, bases.python)
  } else console.log(`builds skipped: ${Object.values(testEnvironment.facts.missing).join('; ')}`)
  for (const name of (await readdir(import.meta.dirname)).filter((file) => /^bench-.*\.ts$/.test(file)).sort()) {
    console.log(`\n${name}`)
    spawnSync(node, [join(import.meta.dirname, name)], { stdio: 'inherit' })
  }
} finally {
  await testEnvironment.release()
  await rm(folder, { recursive: true, force: true })
}
