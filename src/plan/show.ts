import { escapeControls } from '../core/text.ts'
import { namesOfList, type Plan, type TaggedName, type Target } from './plan.ts'

/** The plan as text, one line for each fact. */
export function showPlan(plan: Plan): readonly string[] {
  if (plan.addons.length === 0) return ['Nothing to build.']
  return plan.addons
    .flatMap(({ name, slug, version, folder, multiArch, targets }) => [
      `${name} (${slug}) ${version} in ${folder}`,
      ...targets.flatMap(showTarget),
      ...(multiArch ? namesOfList(multiArch).map((one) => `  manifest list ${tagged(one)}`) : []),
    ])
    .map(escapeControls)
}

const showTarget = (target: Target): readonly string[] => [
  `  ${target.architecture} (${target.platform}) ${tagged(target)}`,
  ...(target.otherNames ?? []).map((one) => `    also ${tagged(one)}`),
  `    ${target.dockerfile}${target.baseImage ? ` on ${target.baseImage}` : ''}`,
  ...[...target.buildArguments].map(([key, value]) => `    --build-arg ${key}=${value}`),
  ...[...target.labels].map(([key, value]) => `    --label ${key}=${value}`),
]

const tagged = ({ image, tags }: TaggedName): string =>
  tags.length > 0 ? `${image}: ${tags.join(', ')}` : `${image} (by digest)`
