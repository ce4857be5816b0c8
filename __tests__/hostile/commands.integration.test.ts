import { afterAll, expect, test } from '@jest/globals'
import { hostileCases } from './cases/all.ts'
import { removed } from './enter.ts'
import { type Asked, wrongAtTerminal } from './enter-command.ts'

afterAll(removed)

/** Those of which there is one for each payload, and one for each name of a file, are planned; that is enough. */
const alike = /^a Dockerfile has|json are/

test.each<[Asked, readonly string[]]>([
  ['audit', ['dockerfile', 'links and special files']],
  ['migrate', ['yaml', 'dockerfile']],
  ['migrate --write', ['links and special files', 'git']],
])('%s of a hostile checkout results in an output or exit code 2, without side effects', async (asked, families) => {
  const found: [string, readonly string[]][] = []
  for (const one of hostileCases.filter(({ family, name }) => families.includes(family) && !alike.test(name))) {
    const wrong = await wrongAtTerminal(one, asked)
    if (wrong.length > 0) found.push([`${one.family}: ${one.name}`, wrong])
  }
  expect(Object.fromEntries(found)).toEqual({})
})
