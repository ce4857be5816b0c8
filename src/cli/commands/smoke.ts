import { workspaceFiles } from '../../addon/files.ts'
import { removeTraces } from '../../build/cleanup.ts'
import { isNative, ociPlatformOf } from '../../core/architecture.ts'
import { error, Failure } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { inspectEngine } from '../../docker/engine.ts'
import { readInputs, secretsOf } from '../../inputs/read-inputs.ts'
import { knownNames } from '../../pipeline/known-names.ts'
import { loadPlan } from '../../pipeline/load-plan.ts'
import type { Target } from '../../plan/plan.ts'
import { describeSmoke, smokeTest } from '../../smoke/smoke-test.ts'
import type { CommandLine } from '../arguments.ts'
import { withExitCode } from './exit-code.ts'
import { withStubDockerfile } from './stub-dockerfile.ts'

/** `smoke IMAGE --target DIR`: smoke tests an image of the engine. 0 passed, 1 failed. */
export function smoke({ operands, text, given }: CommandLine, host: Host): Promise<number> {
  const work = async (): Promise<number> => {
    const [image = ''] = operands
    for (const secret of secretsOf(text, host.environment)) host.log.mask(secret)
    const inputs = await readInputs(text, {
      workspace: host.workspace,
      environment: host.environment,
      ...knownNames,
      given,
    })
    const { plan, options } = await loadPlan(inputs, host, {
      files: withStubDockerfile(workspaceFiles(host.workspace)),
    })
    // Diagnostics of the build do not concern an image that is already built.
    for (const diagnostic of plan.diagnostics.filter(({ code }) =>
      /^(config\/(bad-value|left-out)|addon\/no-config)$/.test(code),
    )) {
      host.log.report(diagnostic)
    }
    const engine = await inspectEngine(host)
    const found = await platformOf(image, host)
    const targets = plan.addons.flatMap((addon) => addon.targets)
    const target = targets.find((one) => matches(one, found))
    if (!target) {
      const known = targets.map(({ architecture }) => architecture).join(', ')
      throw new Failure('input', [
        error(
          'smoke/other-architecture',
          `${image} is an image for ${found}, but the add-on is for ${known}.`,
          'Select the add-on of this image: --target FOLDER.',
        ),
      ])
    }
    const emulated = !isNative(target.architecture, engine.machine)
    const result = await smokeTest({ target, reference: image, emulated, kept: true }, options, host)
    for (const line of describeSmoke(result)) host.log.info(line)
    return result.status === 'failed' ? 1 : 0
  }
  return withExitCode(host, work, () => removeTraces(host, host))
}

/** The platform in the image's config: `arm/v7`. */
async function platformOf(image: string, host: Host): Promise<string> {
  const format = '{{.Architecture}}{{if .Variant}}/{{.Variant}}{{end}}'
  const { exitCode, stdout } = await host.processes.exec('docker', [
    'image',
    'inspect',
    '--format',
    format,
    '--',
    image,
  ])
  if (exitCode === 0) return stdout.trim()
  throw new Failure('input', [
    error(
      'smoke/no-image',
      `The engine has no image ${image}.`,
      'Build or pull it first. "docker image ls" lists all images.',
    ),
  ])
}

function matches({ architecture }: Target, found: string): boolean {
  const { architecture: name, variant } = ociPlatformOf(architecture)
  const [foundName, foundVariant] = found.split('/')
  return name === foundName && (name !== 'arm' || variant === foundVariant || foundVariant === undefined)
}
