import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { type Diagnostic, notice, warning } from '../../core/diagnostics.ts'
import { quoted } from '../../core/parsed.ts'
import { applyEdits, type Edit, overlaps } from './edits.ts'
import { migrateSuccessor } from './successor.ts'
import { replacedAction, type Step, stepsOf } from './workflow-steps.ts'
import { pairOf, YamlText } from './yaml-text.ts'

const ours = /home-assistant\/builder[@/]/i
const retired = /^home-assistant\/builder@/i

/**
 * Puts this action in the place of the retired one and of its successor's actions (`home-assistant/builder/actions/*`). Only the lines that
 * have to change are touched. What is not changed is in the diagnostics, with what to write instead.
 */
export function migrateWorkflow(
  text: string,
  file: string,
  action: string,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  if (!ours.test(text)) return { text, diagnostics: [] }
  const page = new YamlText(text, file)
  const [problem] = page.document.errors
  if (problem) {
    return {
      text,
      diagnostics: [
        warning(
          'migrate/workflow-kept',
          `The file is not changed, because it is no YAML: ${quoted(problem.message)}.`,
          'Correct it and run this again.',
          page.place(problem.pos[0]),
        ),
      ],
    }
  }
  const edits: Edit[] = []
  const diagnostics: Diagnostic[] = []
  for (const step of stepsOf(page)) {
    if (retired.test(step.uses)) edits.push(...retiredStep(page, step, action, diagnostics))
  }
  const successor = migrateSuccessor(page, action)
  const all = [...edits, ...successor.edits]
  const after = overlaps(all) ? undefined : applyEdits(text, all)
  if (after !== undefined && parseDocument(after).errors.length === 0)
    return { text: after, diagnostics: [...diagnostics, ...successor.diagnostics] }
  return {
    text,
    diagnostics: [
      warning(
        'migrate/workflow-kept',
        'The file is not changed: it is written in a way in which no single lines can be changed.',
        `Write "uses: ${action}" by hand in the place of the steps of home-assistant/builder.`,
        page.place(stepsOf(page).find(({ uses }) => ours.test(uses))?.usesNode ?? 0),
      ),
    ],
  }
}

/** `args` stays as it is: it means the same here. The other inputs of the retired action would mean something else. */
function retiredStep(page: YamlText, { map, usesNode }: Step, action: string, diagnostics: Diagnostic[]): Edit[] {
  const edits = replacedAction(page, usesNode, action)
  const given = pairOf(map, 'with')
  if (given === undefined || !isMap(given.value)) return edits
  const inputs = given.value as YAMLMap
  const own = ['image', 'pull'].flatMap((name) => pairOf(inputs, name) ?? [])
  if (own.length === 0) return edits
  const removed = own.length === inputs.items.length ? page.removePairs(map, [given]) : page.removePairs(inputs, own)
  if (removed === undefined) return edits
  for (const pair of own) diagnostics.push(builderInput(page, pair))
  return [...edits, ...removed]
}

const builderInput = (page: YamlText, pair: Pair): Diagnostic =>
  notice(
    'migrate/builder-input',
    isScalar(pair.key) && pair.key.value === 'image'
      ? 'The input "image" is removed: it chose the image of the retired builder itself, and would be the name of the add-on\'s image here.'
      : 'The input "pull" is removed: it was about the image of the retired builder itself, and would be about the base images here.',
    'Nothing has to be done.',
    page.place(pair),
  )
