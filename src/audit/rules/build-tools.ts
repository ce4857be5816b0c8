import { belongsToTools, isBuildTool } from '../../image/build-tools.ts'
import { installOf } from '../dockerfile/installs.ts'
import { commandsOf } from '../dockerfile/shell.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, some, stepsOf, sumOf } from '../rule.ts'

const fix = 'Compile in a stage of its own and copy only the result, with COPY --from, into the last stage.'

/** Compilers that stay in the image: with the image by its package database, before a build by what the last stage installs. */
export const buildTools: Rule = {
  id: 'image/build-tools',
  severity: 'warning',
  reason: 'Compilers are needed once; in the image they are downloaded by every device and help whoever breaks in.',
  source: 'Docker, building best practices: use multi-stage builds',
  link: 'https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds',
  check: (subject) => (subject.image ? inImage(subject) : inDockerfile(subject)),
}

function inImage(subject: Subject): readonly Remark[] {
  const { image } = subject
  const tools = (image?.measure.contents?.packages ?? []).filter(
    ({ manager, name, layer = 0 }) =>
      (manager === 'apk' || manager === 'dpkg') && layer >= (image?.firstOwn ?? 0) && belongsToTools(name),
  )
  const named = tools.filter(({ name }) => isBuildTool(name))
  if (named.length === 0) return []
  const layer = Math.min(...named.map((tool) => tool.layer ?? 0))
  const message = `Build tools are left in the image: ${some(named.map(({ name }) => name).sort())}.`
  return [{ message, fix, bytes: sumOf(tools), ...placeOfLayer(subject, layer) }]
}

function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  return stepsOf(subject, 'RUN').flatMap((step) => {
    const commands = commandsOf(step)
    if (commands.some(removes)) return []
    const tools = commands.flatMap((words) => installOf(words)?.packages ?? []).filter(isBuildTool)
    if (tools.length === 0) return []
    return [{ message: `Build tools are left in the image: ${some(tools)}.`, fix, where: at(dockerfile, step) }]
  })
}

/** In the same layer they leave nothing behind. */
const removes = (words: readonly string[]): boolean =>
  (words[0] === 'apk' && words.includes('del')) ||
  (/^apt(?:-get)?$/.test(words[0] ?? '') && words.some((word) => /^(?:auto)?(?:purge|remove)$/.test(word)))
