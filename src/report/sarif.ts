import { rules } from '../audit/rules.ts'
import { formatBytes } from '../core/bytes.ts'
import type { SourceLocation } from '../core/diagnostics.ts'
import { sha256Hex } from '../core/sha256.ts'
import { findingsOf, type SharedFinding } from './markdown/audit.ts'
import { toolVersion } from './model/make-report.ts'
import type { Report } from './model/report.ts'

const levels = { error: 'error', warning: 'warning', notice: 'note' } as const

/** A run's findings as a SARIF 2.1.0 file for GitHub code scanning. Ends with a line end. */
export const renderSarif = (report: Report): string => sarifOf(findingsOf(report))

/** Each finding once. A finding without a location is reported at the beginning of the first file that has one. */
export function sarifOf(findings: readonly SharedFinding[]): string {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort()
  // Code scanning rejects a result without a location.
  const file = findings.find(({ where }) => where)?.where?.file ?? 'Dockerfile'
  const nowhere = { file, line: 1, column: 1 }
  const driver = {
    name: 'aicleaner-build',
    version: toolVersion,
    semanticVersion: toolVersion,
    rules: ids.map((id) => descriptor(id, findings)),
  }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, ids, finding.where ?? nowhere)),
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

function descriptor(id: string, findings: readonly SharedFinding[]) {
  const rule = rules.find((one) => one.id === id)
  const first = findings.find((finding) => finding.rule === id)
  const link = rule?.link ?? first?.link
  return {
    id,
    shortDescription: { text: rule?.reason ?? first?.message ?? id },
    ...(rule && { fullDescription: { text: `${rule.reason} (${rule.source})` } }),
    ...(first && { help: { text: first.fix } }),
    ...(link !== undefined && { helpUri: link }),
    defaultConfiguration: { level: levels[rule?.severity ?? first?.severity ?? 'warning'] },
    ...(id.startsWith('secret/') && { properties: { tags: ['security'], 'security-severity': '7.0' } }),
  }
}

function result(finding: SharedFinding, ids: readonly string[], location: SourceLocation) {
  const { rule, severity, message, fix, where, bytes, images } = finding
  const saves = bytes === undefined ? '' : ` Saves ${formatBytes(bytes)}.`
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: levels[severity],
    message: { text: `${message} ${fix}${saves}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: location.file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
          region: { startLine: location.line, startColumn: location.column },
        },
      },
    ],
    // A result keeps its identity when lines above it are added or removed.
    partialFingerprints: { 'aicleaner-build/v1': sha256Hex(`${rule} ${where?.file ?? ''} ${message}`).slice(0, 16) },
    properties: { images, ...(bytes !== undefined && { bytes }) },
  }
}
