import type { HostileCase } from '../checkout.ts'
import { dockerfileCases } from './dockerfiles.ts'
import { eventCases } from './events.ts'
import { fieldCases } from './fields.ts'
import { folderCases } from './folders.ts'
import { gitCases } from './git.ts'
import { randomCases } from './random.ts'
import { jsonCases, yamlCases } from './yaml.ts'

export const hostileCases: readonly HostileCase[] = [
  ...fieldCases,
  ...yamlCases,
  ...jsonCases,
  ...dockerfileCases,
  ...folderCases,
  ...gitCases,
  ...eventCases,
  ...randomCases,
]

const ofTexts = new Set(['fields', 'events', 'random'])

/** The cases in two halves that take about as long: by what a file says, and by what a file is. */
export const familiesOf = (
  half: 'texts' | 'files',
): readonly (readonly [family: string, cases: readonly HostileCase[]])[] =>
  [...Map.groupBy(hostileCases, ({ family }) => family)].filter(
    ([family]) => ofTexts.has(family) === (half === 'texts'),
  )
