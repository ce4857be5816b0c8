import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { type Diagnostic, notice, warning } from '../../core/diagnostics.ts'
import { quoted } from '../../core/parsed.ts'
import { Problems } from '../../core/problems.ts'
import { applyEdits, type Edit, overlaps } from './edits.ts'
import { migrateSuccessor } from './successor.ts'
import { replacedAction, type Step, stepsOf } from './workflow-steps.ts'
import { pairOf, YamlText } from './yaml-text.ts'

const ours = /home-assistant\/builder[@/]/i
const retired = /^home-assistant\/builder@/i

/**
 * Replaces the retired action, and its successor's actions (`home-assistant/builder/actions/*`), with this one. Only the lines that have to
 * change are changed. For everything else, the diagnostics have what to write instead.
 */
export function migrateWorkflow(
  text: string,
  file: string,
  action: string,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  if (!ours.test(text)) return { text, diagnostics: [] }
  const page = new YamlText(text, file)
  const kept = (reason: string, remedy: string, at: unknown) => ({
    text,
    diagnostics: [
      warning('migrate/workflow-kept', `The file is not changed, because ${reason}.`, remedy, page.locationOf(at)),
    ],
  })
  const [problem] = page.document.errors
  if (problem)
    return kept(`it is not valid YAML: ${quoted(problem.message)}`, 'Correct it and run this again.', problem.pos[0])
  const edits: Edit[] = []
  const problems = new Problems()
  for (const step of stepsOf(page)) {
    if (retired.test(step.uses)) edits.push(...retiredStep(page, step, action, problems))
  }
  const successor = migrateSuccessor(page, action)
  const all = [...edits, ...successor.edits]
  const after = overlaps(all) ? undefined : applyEdits(text, all)
  if (after !== undefined && parseDocument(after).errors.length === 0)
    return { text: after, diagnostics: [...problems.list, ...successor.diagnostics] }
  return kept(
    'its format does not allow changes to single lines',
    `Write "uses: ${action}" by hand instead of the steps of home-assistant/builder.`,
    stepsOf(page).find(({ uses }) => ours.test(uses))?.usesNode ?? 0,
  )
}

/** `args` stays, because it means the same here. The other inputs of the retired action would have another meaning. */
function retiredStep(page: YamlText, { map, usesNode }: Step, action: string, problems: Problems): Edit[] {
  const edits = replacedAction(page, usesNode, action)
  const given = pairOf(map, 'with')
  if (given === undefined || !isMap(given.value)) return edits
  const inputs = given.value as YAMLMap
  const own = ['image', 'pull'].flatMap((name) => pairOf(inputs, name) ?? [])
  if (own.length === 0) return edits
  const removed = own.length === inputs.items.length ? page.removePairs(map, [given]) : page.removePairs(inputs, own)
  if (removed === undefined) return edits
  for (const pair of own) problems.add(builderInput(page, pair))
  return [...edits, ...removed]
}

const builderInput = (page: YamlText, pair: Pair): Diagnostic =>
  notice(
    'migrate/builder-input',
    isScalar(pair.key) && pair.key.value === 'image'
      ? 'The input "image" is removed: it selected the image of the retired builder itself, but would be the name of the add-on image here.'
      : 'The input "pull" is removed: it applied to the image of the retired builder itself, but would apply to the base images here.',
    'No action is needed.',
    page.locationOf(pair),
  )
