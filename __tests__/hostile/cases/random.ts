import fc from 'fast-check'
import { stringify } from 'yaml'
import { configKeys, oldConfigKeys } from '../../../src/addon/config/config-keys.ts'
import type { HostileCase } from '../checkout.ts'
import { payloads } from '../payloads.ts'

const text = fc.oneof(fc.constantFrom(...payloads), fc.string())
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom(null, true, false, 0, -1, 1e21, 65536),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value

const fine = { name: 'N', version: '1', slug: 's', description: 'd', arch: ['amd64', 'aarch64'] }
const some = (keys: readonly string[]) =>
  fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: text }), value, {
    maxKeys: 12,
  })
const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'ARG',
        'FROM',
        'RUN',
        'COPY',
        'ADD',
        'LABEL',
        'ENV',
        'CMD',
        'USER',
        'ONBUILD',
        'HEALTHCHECK',
        '#',
      ),
      text,
    )
    .map((words) => words.join(' ')),
  fc.constantFrom('ARG BUILD_FROM=a/b:1', 'FROM $BUILD_FROM', 'FROM a AS b', 'FROM b', 'RUN <<E', 'E', '\\'),
)

/** Whole checkouts by chance, always the same ones. */
export const randomCases: readonly HostileCase[] = fc
  .sample(
    fc.record({
      config: some([...configKeys, ...oldConfigKeys]),
      complete: fc.boolean(),
      build: fc.option(
        fc.oneof(
          some(['build_from', 'args', 'labels', 'image', 'cosign', 'squash']),
          fc.record({
            args: fc.dictionary(fc.constantFrom('A', 'B', 'BUILD_NAME'), text),
            labels: fc.dictionary(fc.constantFrom('a', 'io.hass.name', '__proto__', 'constructor'), text),
            cosign: fc.dictionary(fc.constantFrom('identity', 'base_issuer'), text),
          }),
        ),
      ),
      lines: fc.oneof(fc.array(line, { maxLength: 12 }), fc.constant([])),
      ignore: fc.array(text, { maxLength: 4 }),
      extension: fc.constantFrom('yaml', 'yml', 'json'),
      noise: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
      ),
    }),
    { numRuns: 120, seed: 11 },
  )
  .map(({ config, complete, build, lines, ignore, extension, noise }, index): HostileCase => {
    const write = (content: unknown): string => (extension === 'json' ? JSON.stringify(content) : stringify(content))
    return {
      family: 'random',
      name: `checkout ${index}`,
      write: (checkout) => {
        const whole = complete ? { ...config, ...fine } : config
        checkout.file(`a/config.${extension}`, noise ? Buffer.from(noise) : write(whole))
        if (build) checkout.file(`a/build.${extension}`, write(build))
        checkout.file('a/Dockerfile', ['ARG BUILD_FROM=a/b:1', ...lines, 'FROM $BUILD_FROM'].join('\n'))
        checkout.file('a/.dockerignore', ignore.join('\n'))
      },
      ...(index % 40 === 0 && { nasty: true }),
    }
  })
