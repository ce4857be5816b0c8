import { toJsonSchema } from '@valibot/to-json-schema'
import { definitions, reportSchema } from '../../src/report/model/schema.ts'

/** JSON Schema (draft 2020-12) of `report.json`. */
export const reportJsonSchema = (): object => {
  const { $schema, ...schema } = toJsonSchema(reportSchema, {
    target: 'draft-2020-12',
    definitions,
    // They change or check a value in ways that JSON Schema cannot express.
    ignoreActions: ['transform', 'check', 'finite'],
  })
  return { $schema, title: 'report.json of aicleaner-build, version 1', ...schema }
}
