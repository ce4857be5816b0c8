import { parseDocument } from 'yaml'
import { messageOf } from '../core/diagnostics.ts'
import { type Parsed, parsed, wrong } from '../core/parsed.ts'

/** Plain data from a text in YAML 1.2, such as an input. */
export function parseYamlValue(text: string): Parsed<unknown> {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' })
  const [first] = [...document.errors, ...document.warnings]
  if (first) return wrong(`it is neither JSON nor YAML: ${first.message.split('\n', 1)[0]}`, 'Correct it.')
  try {
    return parsed(document.toJS({ maxAliasCount: 100 }))
  } catch (thrown) {
    return wrong(`it cannot be read: ${messageOf(thrown)}`, 'Write it without aliases.')
  }
}
