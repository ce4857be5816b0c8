import { isMap, isScalar, isSeq, parseDocument, type Scalar } from 'yaml'
import { applyEdits, type Edit } from './edits.ts'

const retired = /^home-assistant\/builder@/

/**
 * Puts this action in the place of the retired one. `args` stays as it is: it means the same here, so the step does as well.
 * Only the names of the steps' actions are touched. Undefined where there is nothing to change.
 */
export function migrateWorkflow(text: string, action: string): string | undefined {
  if (!text.includes('home-assistant/builder@')) return undefined
  const document = parseDocument(text)
  if (document.errors.length > 0) return undefined
  const edits: Edit[] = []
  const visit = (steps: unknown): void => {
    if (!isSeq(steps)) return
    for (const step of steps.items) {
      const uses = isMap(step) ? step.get('uses', true) : undefined
      if (isScalar(uses) && typeof uses.value === 'string' && retired.test(uses.value))
        edits.push(replacement(uses, action))
    }
  }
  const jobs = document.get('jobs')
  if (isMap(jobs)) for (const { value: job } of jobs.items) if (isMap(job)) visit(job.get('steps'))
  // A composite action has steps of its own.
  visit(document.getIn(['runs', 'steps']))
  return edits.length === 0 ? undefined : applyEdits(text, edits)
}

function replacement(scalar: Scalar, action: string): Edit {
  const [from, to] = scalar.range ?? [0, 0]
  const quote = scalar.type === 'QUOTE_DOUBLE' ? '"' : scalar.type === 'QUOTE_SINGLE' ? "'" : ''
  return { from, to, text: `${quote}${action}${quote}` }
}
