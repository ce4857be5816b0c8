import { readConfigFile } from '../../addon/config/config-file.ts'
import { type Entry, type Files, joinPath, workspaceFiles } from '../../addon/files.ts'
import { readText } from '../../addon/yaml/text.ts'
import { removeTraces } from '../../build/cleanup.ts'
import { isNative, ociPlatformOf } from '../../core/architecture.ts'
import type { Host } from '../../core/host.ts'
import { inspectEngine } from '../../docker/engine.ts'
import { readInputs, secretsOf } from '../../inputs/read-inputs.ts'
import { knownNames } from '../../pipeline/known-names.ts'
import { loadPlan } from '../../pipeline/load-plan.ts'
import { buildOnly } from '../../plan/build-only.ts'
import type { Target } from '../../plan/plan.ts'
import { describeSmoke, smokeTest } from '../../smoke/smoke-test.ts'
import type { CommandLine } from '../arguments.ts'
import { inputFailure, withExitCode } from './exit-code.ts'

/** `smoke IMAGE --target DIR`: smoke tests an image of the engine. 0 passed, 1 failed. */
export const smoke = (line: CommandLine, host: Host): Promise<number> =>
  withExitCode(
    host,
    () => testImage(line, host),
    () => removeTraces(host, host),
  )

async function testImage({ operands: [image = ''], text, given }: CommandLine, host: Host): Promise<number> {
  for (const secret of secretsOf(text, host.environment)) host.log.mask(secret)
  const inputs = await readInputs(text, { ...host, given, ...knownNames })
  const files = withoutBuildFiles(workspaceFiles(host.workspace))
  // The image exists, so it does not matter whether it could be published.
  const { plan, options } = await loadPlan(inputs, host, { files, tolerated: buildOnly })
  // Diagnostics of the build do not concern an image that is already built.
  for (const diagnostic of plan.diagnostics) {
    if (/^(config\/(bad-value|left-out)|addon\/no-config)$/.test(diagnostic.code)) host.log.report(diagnostic)
  }
  const engine = await inspectEngine(host)
  const found = await platformOf(image, host)
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const target = targets.find((one) => matches(one, found))
  if (!target) {
    throw inputFailure(
      'smoke/other-architecture',
      `${image} is an image for ${found}, but the add-on is for ${targets.map(({ architecture }) => architecture).join(', ')}.`,
      'Select the add-on of this image: --target FOLDER.',
    )
  }
  const emulated = !isNative(target.architecture, engine.machine)
  const result = await smokeTest({ target, reference: image, emulated, kept: true }, options, host)
  for (const line of describeSmoke(result)) host.log.info(line)
  return result.status === 'failed' ? 1 : 0
}

/** The platform in the image's config: `arm/v7`. */
async function platformOf(image: string, host: Host): Promise<string> {
  const format = '{{.Architecture}}{{if .Variant}}/{{.Variant}}{{end}}'
  const args = ['image', 'inspect', '--format', format, '--', image]
  const { exitCode, stdout } = await host.processes.exec('docker', args)
  if (exitCode === 0) return stdout.trim()
  throw inputFailure(
    'smoke/no-image',
    `The engine has no image ${image}.`,
    'Build or pull it first. "docker image ls" lists all images.',
  )
}

function matches({ architecture }: Target, found: string): boolean {
  const { architecture: name, variant } = ociPlatformOf(architecture)
  const [foundName, foundVariant] = found.split('/')
  return name === foundName && (name !== 'arm' || variant === foundVariant || foundVariant === undefined)
}

/**
 * The same files, with an empty Dockerfile in each add-on folder in place of what only a build reads: an image that is already built can be tested
 * without it, whatever is wrong with it.
 */
function withoutBuildFiles(files: Files): Files {
  const name = 'Dockerfile'
  const stubs = new Set<string>()
  return {
    async list(folder) {
      const entries = await files.list(folder)
      if (entries === undefined || entries === 'outside') return entries
      const config = entries.find((entry) => entry.kind === 'file' && /^config\.(ya?ml|json)$/.test(entry.name))
      if (!config) return entries
      const text = await readText(joinPath(folder, config.name), files)
      // Otherwise, "build_from" declares the architectures.
      const hasArchitectures =
        text !== undefined && 'text' in text && readConfigFile(text.text, config.name).config.architectures.length > 0
      const isBuildFile = (entry: Entry): boolean =>
        /^Dockerfile(\.|$)/.test(entry.name) || (hasArchitectures && /^build\.(ya?ml|json)$/.test(entry.name))
      stubs.add(joinPath(folder, name))
      return [...entries.filter((entry) => !isBuildFile(entry)), { name, kind: 'file', link: false }]
    },
    read: async (path, limit) => (stubs.has(path) ? { bytes: Buffer.from('FROM scratch\n') } : files.read(path, limit)),
  }
}
