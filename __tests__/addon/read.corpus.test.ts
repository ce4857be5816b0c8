import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { readAddons } from '../../src/addon/read.ts'
import { isError, oneLine } from '../../src/core/diagnostics.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import {
  corpusAddons,
  describeCorpus,
  describePlan,
  dockerfileFor,
  goldenFile,
  optionsOf,
  pushToMain,
} from './corpus.ts'

// Made once: it reads and plans every add-on.
const described = describeCorpus()

test('every add-on of the corpus gives the plan or the errors that were reviewed', async () => {
  const text = await described
  expect(text).toBe(readFileSync(goldenFile, 'utf8'))
  expect(text).not.toMatch(/\[object |\bundefined\b|\bNaN\b|TypeError|RangeError/)
})

test('each ends in a plan or an error with a place', async () => {
  for (const section of (await described).split('\n\n')) {
    expect(section).toMatch(/^ {2}(plan \S|error )/m)
    for (const [, said] of section.matchAll(/^ {2}(?:error|warning|notice) .*\n {4}(.*)$/gm))
      expect(said).toMatch(/^\S.*?:\d+:\d+: /)
  }
})

test('a byte order mark and the line ends of Windows do not change the plan', async () => {
  const plain = (text: string): string => text.replaceAll(/:\d+:\d+/g, '')
  for (const [folder, files] of [...corpusAddons()].slice(0, 40)) {
    const withCrlf = new Map(
      [...files].map(([name, bytes]) => [
        `${folder}/${name}`,
        `\uFEFF${Buffer.from(bytes)
          .toString('utf8')
          .replace(/^\uFEFF/, '')
          .replaceAll(/\r?\n/g, '\r\n')}`,
      ]),
    )
    const original = new Map([...files].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const))
    const dockerfile = [`${folder}/Dockerfile`, dockerfileFor(files)] as const
    expect(plain(await describePlan(folder, memoryFiles(new Map([...withCrlf, dockerfile]))))).toBe(
      plain(await describePlan(folder, memoryFiles(new Map<string, string | Uint8Array>([...original, dockerfile])))),
    )
  }
})

/** Slips of the kind that people make, and that generators of valid files never do. */
const slip = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(4_000),
    text: fc.constantFrom(...'\t"\'{}[]:,#&*!|>-?%@`~ \n\u0000é'),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(4_000), text: fc.constant('') }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(60), text: fc.constant('') }),
  fc.record({ kind: fc.constant('indent' as const), at: fc.nat(60), text: fc.constantFrom(' ', '  ', '\t', '- ') }),
)

function slipped(text: string, { kind, at, text: more }: { kind: string; at: number; text: string }): string {
  if (kind === 'insert' || kind === 'delete') {
    const index = at % (text.length + 1)
    return text.slice(0, index) + more + text.slice(index + (kind === 'delete' ? 1 : 0))
  }
  const lines = text.split('\n')
  const index = at % lines.length
  return lines
    .flatMap((line, i) => (i !== index ? [line] : kind === 'repeat' ? [line, line] : [more + line]))
    .join('\n')
}

test('a public file with slips in it gives a plan, or an error at a place that is there', async () => {
  const addons = [...corpusAddons()]
  const options = await optionsOf({ target: 'a' })
  await fc.assert(
    fc.asyncProperty(
      fc.nat(addons.length - 1),
      fc.nat(1),
      fc.array(slip, { minLength: 1, maxLength: 3 }),
      async (index, which, slips) => {
        const files = addons[index]?.[1] ?? new Map<string, Uint8Array>()
        const wrong = [...files.keys()][which % files.size]
        const texts = new Map([['a/Dockerfile', dockerfileFor(files)]])
        for (const [name, bytes] of files) {
          const text = Buffer.from(bytes).toString('utf8')
          texts.set(`a/${name}`, name === wrong ? slips.reduce(slipped, text) : text)
        }
        const { addons: read, diagnostics } = await readAddons(options, memoryFiles(texts))
        const { plan, diagnostics: more } = makePlan(read, options, pushToMain)
        const said = [...diagnostics, ...more]
        for (const one of said) {
          expect(oneLine(one)).not.toMatch(/\[object |(?<!")\bundefined\b(?!")|\bNaN\b|TypeError/)
          if (!one.where) continue
          const line = texts.get(one.where.file)?.split('\n')[one.where.line - 1]
          expect([one, line]).toEqual([one, expect.any(String)])
          expect(one.where.column).toBeLessThanOrEqual((line?.length ?? 0) + 1)
        }
        expect(read.length === 0 || !plan ? said.some(isError) : plan.addons.length).toBeTruthy()
      },
    ),
    { numRuns: 300 },
  )
})
