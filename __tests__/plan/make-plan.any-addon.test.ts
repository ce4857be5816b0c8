// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { stringify } from 'yaml'
import { configKeys } from '../../src/addon/config/config-keys.ts'
import { readAddons } from '../../src/addon/read.ts'
import { isError, oneLine } from '../../src/core/diagnostics.ts'
import { isImageName, isTag } from '../../src/core/image-reference.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { planOutputs } from '../../src/plan/outputs.ts'
import { optionsOf, pushToMain } from '../addon/corpus.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const name = fc.constantFrom(
  'amd64',
  'aarch64',
  'armv7',
  'arm64',
  'x',
  'BUILD_VERSION',
  'A',
  'io.hass.version',
  '',
  '--push',
  'a b',
  'constructor',
)
const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'ghcr.io/o/{arch}-n',
    'alpine:3.20',
    '{version}',
    '1.0',
    'FROM x',
    '--platform=x y',
    'amd64',
    'a\nb',
    'O/N',
    'no',
    '~',
  ),
)
const value = fc.oneof(
  { depthSize: 'small' },
  text,
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(name, text, { maxKeys: 4 }),
  fc.dictionary(name, fc.dictionary(name, text, { maxKeys: 2 }), { maxKeys: 2 }),
)
const some = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 })
const valid = { name: 'N', version: '1', slug: 's', description: 'd', arch: ['amd64', 'aarch64'] }
const line = fc.constantFrom(
  'ARG BUILD_FROM',
  'ARG BUILD_FROM=a/b:1',
  'FROM $BUILD_FROM',
  'FROM a AS b',
  'FROM b',
  'LABEL x="$Y"',
  'ARG Y=${Z:-1}',
  'USER 0',
  'RUN x \\',
  'FROM --platform=$TARGETPLATFORM c',
)

test('any files result in an executable plan or in an error with a location', async () => {
  const options = await optionsOf({ target: 'a' })
  let planned = 0
  const form = fc.constantFrom('yaml', 'json')
  const write = (content: unknown, extension: string) =>
    extension === 'json' ? JSON.stringify(content) : stringify(content)
  await fc.assert(
    fc.asyncProperty(
      some(configKeys),
      fc.boolean(),
      fc.option(some(['build_from', 'args', 'labels', 'squash', 'image', 'cosign', 'biuld'])),
      form,
      fc.oneof(
        fc.array(line, { maxLength: 5 }),
        fc.array(line, { maxLength: 4 }).map((lines) => ['ARG BUILD_FROM=a/b:1', ...lines, 'FROM $BUILD_FROM']),
      ),
      async (config, isValid, build, extension, lines) => {
        const files = new Map([
          [`a/config.${extension}`, write(isValid ? { ...config, ...valid } : config, extension)],
          ['a/Dockerfile', lines.join('\n')],
        ])
        if (build) files.set(`a/build.${extension}`, write(build, extension))
        const { addons, diagnostics } = await readAddons(options, memoryFiles(files))
        const { plan, diagnostics: more } = makePlan(addons, options, pushToMain)
        const said = [...diagnostics, ...more]
        for (const one of said) {
          expect(oneLine(one)).not.toMatch(/\[object |(?<!")\bundefined\b(?!")|NaN/)
          expect(one.remedy).not.toBe('')
        }
        if (!plan || addons.length === 0) {
          const errors = said.filter(isError)
          expect(errors.length).toBeGreaterThan(0)
          expect(
            errors.some(({ where }) => where !== undefined) || errors.every(({ code }) => code.startsWith('plan/')),
          ).toBe(true)
          return
        }
        planned += 1
        for (const { targets, multiArch } of plan.addons) {
          expect(multiArch === undefined || isImageName(multiArch.image)).toBe(true)
          for (const target of targets) {
            expect(isImageName(target.image)).toBe(true)
            expect(target.tags.every(isTag)).toBe(true)
            expect(target.baseImage ?? 'x').not.toMatch(/^\s*(-|$)|\s/)
            for (const key of [...target.labels.keys(), ...target.buildArguments.keys()])
              expect(key).toMatch(/^[^\s=-][^\s=]*$/)
          }
        }
        expect(planOutputs(plan, options).get('plan')).not.toContain('undefined')
      },
    ),
    { numRuns: 400 },
  )
  expect(planned).toBeGreaterThan(40)
})
