import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/sarif-2.1.0-rtm.5.json'), 'utf8'))
// A draft-04 schema, whose two words that Ajv does not know any more name the schema itself.
const { $schema: _, id: __, ...body } = schema
// One of its patterns has a bracket too many, which regular expressions with the flag `u` do not allow.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
const validate = ajv.compile(body)

/** What the published schema of SARIF 2.1.0 has against a file. */
export const sarifProblems = (text: string): unknown => (validate(JSON.parse(text)) ? [] : validate.errors)
