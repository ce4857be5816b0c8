import { safeLine } from '../../core/text.ts'
import { instructionsOf, listNames, type Rule, type RuleInput } from '../rule.ts'

const required = ['io.hass.name', 'io.hass.type', 'io.hass.arch', 'io.hass.version'] as const

export const labels: Rule = {
  id: 'image/labels',
  severity: 'notice',
  reason: 'The Supervisor reads the type, architecture and version of an add-on from the labels of its image.',
  source: 'Home Assistant developer documentation, app configuration: labels; OCI image specification: annotations',
  link: 'https://github.com/opencontainers/image-spec/blob/main/annotations.md',
  check(input) {
    const { image, target } = input
    // The labels of the plan win over those of the Dockerfile, as they do in the build.
    const known = image ? image.config.labels : new Map([...dockerfileLabels(input), ...target.labels])
    const missing = required.filter((name) => !known.get(name))
    const unexpanded = [...known].filter(
      ([name, value]) => /^(?:io\.hass|org\.opencontainers)\./.test(name) && /\{(?:arch|version)\}|\$\{?\w/.test(value),
    )
    const last = instructionsOf(input, 'LABEL').at(-1)
    const location = last ? { where: { ...last.where, column: 1 } } : {}
    return [
      ...(missing.length > 0
        ? [
            {
              message: `Labels are missing: ${listNames(missing, 5)}.`,
              fix: 'Add them with LABEL. aicleaner-build sets them, unless the Dockerfile or the configuration sets them to an empty value.',
              ...location,
            },
          ]
        : []),
      ...unexpanded.map(([name, value]) => ({
        severity: 'warning' as const,
        message: `The label ${safeLine(name)} contains "${safeLine(value, 40)}", which is not expanded.`,
        fix: 'Write the value, or an ARG that the build sets.',
        ...location,
      })),
    ]
  },
}

const dockerfileLabels = (input: RuleInput): readonly (readonly [string, string])[] =>
  instructionsOf(input, 'LABEL')
    .flatMap(({ pairs }) => pairs)
    .map(([name, value = '']) => [name, input.dockerfile?.value(value) ?? value])
