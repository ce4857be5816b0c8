import { describe, expect, test } from '@jest/globals'
import type { AuditInput } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/audit/finding.ts'
import { auditImage, type ImageChanges } from './images.ts'
import { audit } from './subjects.ts'

type More = Partial<AuditInput>

interface DockerfileCases {
  /** The rule reports the Dockerfile at a line. */
  readonly reports?: readonly (readonly [dockerfile: string, line: number, more?: More])[]
  /** The rule does not report the Dockerfile. */
  readonly accepts?: readonly (readonly [dockerfile: string, more?: More])[]
  /** The severity that the rule gives a case; undefined: no finding. */
  readonly severities?: readonly (readonly [
    what: string,
    dockerfile: string,
    severity: string | undefined,
    more?: More,
  ])[]
}

/** Tests a rule on Dockerfiles, before a build. */
export function testDockerfiles(rule: string, { reports = [], accepts = [], severities = [] }: DockerfileCases): void {
  const findings = (dockerfile: string, more: More = {}) =>
    audit(dockerfile, more).filter((finding) => finding.rule === rule)
  describe(`${rule} before a build`, () => {
    for (const [dockerfile, line, more] of reports) {
      test(`reports ${JSON.stringify(dockerfile)}`, () => {
        expect(findings(dockerfile, more)).toMatchObject([{ where: { file: 'addon/Dockerfile', line } }])
      })
    }
    for (const [dockerfile, more] of accepts) {
      test(`accepts ${JSON.stringify(dockerfile)}`, () => {
        expect(findings(dockerfile, more)).toEqual([])
      })
    }
    for (const [what, dockerfile, severity, more] of severities) {
      test(`gives ${what} the severity ${severity ?? 'none'}`, () => {
        const found = findings(dockerfile, more).map((finding) => finding.severity)
        expect(found).toEqual(severity === undefined ? [] : [severity])
      })
    }
  })
}

interface ImageCases {
  /** The rule reports the changed image once. */
  readonly reports?: readonly (readonly [what: string, changes: ImageChanges, expected: Partial<Finding>])[]
  /** The rule does not report the changed image. */
  readonly accepts?: readonly (readonly [what: string, changes: ImageChanges])[]
}

/** Tests a rule on a clean image with changes. */
export function testImages(rule: string, { reports = [], accepts = [] }: ImageCases): void {
  const findings = async (changes: ImageChanges) =>
    (await auditImage(changes)).filter((finding) => finding.rule === rule)
  describe(`${rule} of an image`, () => {
    for (const [what, changes, expected] of reports) {
      test(`reports ${what}`, async () => {
        const found = await findings(changes)
        expect(found).toHaveLength(1)
        expect(found[0]).toMatchObject(expected)
        expect(found[0]?.where?.file).toBe('addon/Dockerfile')
      })
    }
    for (const [what, changes] of accepts) {
      test(`accepts ${what}`, async () => {
        expect(await findings(changes)).toEqual([])
      })
    }
  })
}
