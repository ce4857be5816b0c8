import type { Addon } from '../addon/addon.ts'
import { type Architecture, platformOf } from '../core/architecture.ts'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import { nearest } from '../core/suggest.ts'
import { baseOf, imagesOf, labelsInDockerfile } from '../dockerfile/base-of.ts'
import { type Dockerfile, stageIndex } from '../dockerfile/dockerfile.ts'
import { fillTemplate } from '../inputs/template.ts'
import { annotationsFor } from './annotations.ts'
import { checkBase, legacyBase, type SharedProblem } from './bases.ts'
import { buildArgumentsOf } from './build-arguments.ts'
import type { AddonContext } from './context.ts'
import { labelsOf } from './labels.ts'
import type { TaggedName, Target } from './plan.ts'
import { branchOf } from './tags.ts'

/**
 * The image of one architecture.
 * @param tags `{arch}` is still in them, and in those of `others`.
 */
export function planTarget(
  context: AddonContext,
  architecture: Architecture,
  tags: readonly string[],
  others: readonly TaggedName[],
): { readonly target?: Target; readonly problems: readonly SharedProblem[] } {
  const { addon, names, options } = context
  const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
  if (!dockerfile) return { problems: [noDockerfile(addon)] }
  const argumentsWith = (base: string | undefined) => buildArgumentsOf(context, architecture, base)
  const declaredBase =
    addon.buildFrom.get(architecture) ?? legacyBase(dockerfile, architecture, argumentsWith(undefined), options)
  const buildArguments = argumentsWith(declaredBase)
  const stage = checkStage(dockerfile, options.stage)
  if (stage) return { problems: [stage] }
  const problems = [...checkBase({ addon, dockerfile, architecture, buildArguments, declaredBase, options })]
  const base = baseOf(dockerfile, options.stage, architecture, buildArguments)
  const pulls = [
    ...imagesOf(dockerfile, architecture, buildArguments).map(({ image }) => image),
    ...(dockerfile.takesFrom ?? []),
    ...[...options.buildContexts.values()].flatMap((value) => /^docker-image:\/\/(.*)$/.exec(value)?.[1] ?? []),
  ]
  const inDockerfile = labelsInDockerfile(dockerfile, options.stage, architecture, buildArguments)
  return {
    target: {
      id: `${addon.slug}/${architecture}`,
      addon: addon.slug,
      architecture,
      platform: platformOf(architecture),
      image: names.imageOf(architecture),
      tags: withArchitecture(tags, architecture),
      ...(others.length > 0 && {
        otherNames: others.map((one) => ({ image: one.image, tags: withArchitecture(one.tags, architecture) })),
      }),
      context: addon.folder,
      dockerfile: dockerfile.file,
      ...(options.stage !== undefined && { stage: options.stage }),
      ...('image' in base && { baseImage: base.image }),
      ...(pulls.length > 0 && { pulls: [...new Set(pulls)] }),
      buildArguments,
      buildContexts: options.buildContexts,
      labels: labelsOf(context, architecture, inDockerfile),
      annotations: annotationsFor(options.annotations, 'manifest'),
      cacheScope: cacheScope(context, architecture),
      run: addon.run,
    },
    problems,
  }
}

const withArchitecture = (tags: readonly string[], architecture: Architecture): readonly string[] =>
  tags.map((tag) => tag.replaceAll('{arch}', architecture))

const noDockerfile =
  (addon: Addon): SharedProblem =>
  (list, all) =>
    error(
      'plan/no-dockerfile',
      `"${addon.folder}" has no Dockerfile for ${list}: neither ${all.map((one) => `Dockerfile.${one}`).join(', ')} nor Dockerfile exists.`,
      `Add it, or remove ${list} from the architectures.`,
      addon.architecturesWhere,
    )

function checkStage(dockerfile: Dockerfile, stage: string | undefined): Diagnostic | undefined {
  if (stage === undefined || stageIndex(dockerfile, stage) >= 0) return undefined
  const names = dockerfile.stages.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const near = nearest(stage, names)
  return error(
    'plan/unknown-stage',
    `The Dockerfile has no stage "${stage}".`,
    near !== undefined
      ? `Did you mean "${near}"?`
      : names.length > 0
        ? `It has: ${names.join(', ')}.`
        : 'Its stages have no names ("AS name").',
    { file: dockerfile.file, line: 1, column: 1 },
  )
}

function cacheScope({ addon, version, options, event }: AddonContext, architecture: Architecture): string {
  const template = options.cacheScope ?? '{slug}'
  const values = { slug: addon.slug, version, branch: branchOf(event) ?? 'none', arch: architecture }
  const scope = (fillTemplate(template, values) ?? template).replaceAll(/[^\w.-]+/g, '-')
  return template.includes('{arch}') ? scope : `${scope}-${architecture}`
}
