import { safeLine } from '../../core/text.ts'
import { type Rule, some, stepsOf } from '../rule.ts'

const wanted = ['io.hass.name', 'io.hass.type', 'io.hass.arch', 'io.hass.version'] as const

export const labels: Rule = {
  id: 'image/labels',
  severity: 'notice',
  reason: 'The Supervisor reads type, architecture and version of an add-on from the labels of its image.',
  source: 'Home Assistant developer documentation, app configuration: labels; OCI image specification: annotations',
  link: 'https://github.com/opencontainers/image-spec/blob/main/annotations.md',
  check(subject) {
    const { image, target, dockerfile } = subject
    const known = image ? image.config.labels : new Map([...written(subject), ...target.labels])
    const missing = wanted.filter((name) => !known.get(name))
    const unfilled = [...known].filter(
      ([name, value]) => /^(?:io\.hass|org\.opencontainers)\./.test(name) && /\{(?:arch|version)\}|\$\{?\w/.test(value),
    )
    const [where] = stepsOf(subject, 'LABEL').slice(-1)
    const place = where && dockerfile ? { where: { file: dockerfile.file, line: where.line, column: 1 } } : {}
    return [
      ...(missing.length > 0
        ? [
            {
              message: `Labels are missing: ${some(missing, 5)}.`,
              fix: 'Add them with LABEL; aicleaner-build sets them by itself unless they are set empty.',
              ...place,
            },
          ]
        : []),
      ...unfilled.map(([name, value]) => ({
        severity: 'warning' as const,
        message: `The label ${safeLine(name)} holds "${safeLine(value, 40)}" as it is written.`,
        fix: 'Write the value, or an ARG that the build fills in.',
        ...place,
      })),
    ]
  },
}

/** LABEL of the Dockerfile; the labels of the plan win over them, as they do in the build. */
function written(subject: Parameters<Rule['check']>[0]): readonly (readonly [string, string])[] {
  return stepsOf(subject, 'LABEL').flatMap(({ text }) =>
    [...text.matchAll(/(?:^|\s)"?([\w.-]+)"?=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g)].map(([, name = '', value = '']) => {
      const bare = value.replace(/^(["'])(.*)\1$/s, '$2')
      return [name, subject.dockerfile?.value(bare) ?? bare] as const
    }),
  )
}
