import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import { goEnvironment } from './go.ts'
import { cachedLayer, type LayerPlan, makeLayer, planLayer } from './layers.ts'
import { makeImage } from './oci.ts'
import { pushImage } from './push.ts'
import { buildkit, targets } from './recipes.ts'

const goModule = 'github.com/moby/buildkit'
const keyLabel = 'aicleaner-build.tests.recipe'

/** The version of BuildKit in a reference: `moby/buildkit:v0.32.0` → `v0.32.0`. Pure. */
export function versionOf(image: string): string {
  const version = /:(v\d+\.\d+\.\d+)$/.exec(image)?.[1]
  if (version === undefined) throw new Error(`${image} has no released version of BuildKit as its tag`)
  return version
}

export const planBuildkit = (machine: Machine, image: string): Promise<LayerPlan> =>
  planLayer(machine, buildkit, machine.architecture, [versionOf(image)])

/** Does the engine have an image of this name that was built here from the same recipe, or pulled? */
export async function engineHas(image: string, plan: LayerPlan, dockerHost: string): Promise<boolean> {
  const answer = await run(
    'docker',
    ['image', 'inspect', '--format', `{{index .Config.Labels "${keyLabel}"}}|{{json .RepoDigests}}`, image],
    { environment: { DOCKER_HOST: dockerHost } },
  )
  if (answer.code !== 0) return false
  const label = answer.stdout.split('|')[0]
  // Without the label it was not built by a test environment, so it was pulled.
  return label === plan.key || label === '' || label === '<no value>'
}

/** Builds the layer of the image, unless it is cached. */
export async function makeBuildkit(machine: Machine, image: string, plan: LayerPlan): Promise<void> {
  if (await cachedLayer(plan)) return
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-buildkit-'))
  try {
    await compile(versionOf(image), folder)
    await makeLayer(machine, plan, { TEST_BINARIES: join(folder, 'bin') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Loads the image into an engine under its own name, through the registry: every image store can pull from it. */
export async function loadBuildkit(
  machine: Machine,
  image: string,
  plan: LayerPlan,
  registry: string,
  dockerHost: string,
): Promise<void> {
  const layer = await cachedLayer(plan)
  const target = targets.find(({ debian }) => debian === machine.architecture)
  if (!layer || !target) throw new Error('the layer of BuildKit is missing')
  const configuration = { ...buildkit.configuration(machine.architecture), Labels: { [keyLabel]: plan.key } }
  await pushImage(`http://${registry}`, 'test-buildkit', [plan.key], makeImage(target.platform, [layer], configuration))
  const passing = `${registry}/test-buildkit:${plan.key}`
  const environment = { DOCKER_HOST: dockerHost }
  await must('docker', ['pull', '--quiet', passing], { environment })
  await must('docker', ['tag', passing, image], { environment })
  await must('docker', ['rmi', passing], { environment })
}

/** Copies the image from one engine to another, if its layer is no longer cached. */
export async function copyBuildkit(image: string, registry: string, from: string, to: string): Promise<void> {
  const passing = `${registry}/test-buildkit:copy`
  const at = (dockerHost: string, ...args: readonly string[]) =>
    must('docker', args, { environment: { DOCKER_HOST: dockerHost }, timeoutMs: 300_000 })
  await at(from, 'tag', image, passing)
  await at(from, 'push', '--quiet', passing)
  await at(from, 'rmi', passing)
  await at(to, 'pull', '--quiet', passing)
  await at(to, 'tag', passing, image)
  await at(to, 'rmi', passing)
}

/** Pulls the published image. */
export const pullBuildkit = (image: string, dockerHost: string): Promise<string> =>
  must('docker', ['pull', '--quiet', image], { environment: { DOCKER_HOST: dockerHost }, timeoutMs: 300_000 })

/** Compiles buildkitd and buildctl from the Go module proxy into `folder/bin`. */
async function compile(version: string, folder: string): Promise<void> {
  // `go install` refuses a module whose go.mod has `exclude`; `go build` in its folder works.
  const environment = await goEnvironment(folder)
  const text = await must('go', ['mod', 'download', '-json', `${goModule}@${version}`], { environment, folder })
  const { Dir } = JSON.parse(text) as { Dir: string }
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await must(
    'nice',
    [
      ...['-n10', 'go', 'build', '-C', Dir, '-mod=readonly', '-trimpath', '-buildvcs=false'],
      ...['-ldflags', `-s -w -X ${goModule}/version.Version=${version}`, '-o', `${bin}/`],
      ...['./cmd/buildkitd', './cmd/buildctl'],
    ],
    { environment, folder },
  )
}
