import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Architecture } from '../../src/core/architecture.ts'
import { formatBytes } from '../../src/core/bytes.ts'
import type { Report, TargetReport } from '../../src/report/model/report.ts'
import type { Comparison } from '../../src/size/result.ts'
import type { Facts } from '../environment/facts.ts'
import { startJob } from '../fakes/runner/runner.ts'

const root = resolve(import.meta.dirname, '../..')

export interface BeforeAfter {
  readonly before: Report
  /** Has that before as its baseline. */
  readonly after: Report
}

/**
 * Has the action build both Dockerfiles of the reference add-on on the same base for these architectures, measure them, and compare the second
 * with the first. Neither is started: other tests do that.
 */
export async function measureBeforeAfter(facts: Facts, architectures: readonly Architecture[]): Promise<BeforeAfter> {
  const workspace = mkdtempSync(join(tmpdir(), 'aicleaner-sizes-'))
  const measure = async (name: string, inputs: Readonly<Record<string, string>>): Promise<Report> => {
    const job = await startJob({
      workspace,
      inputs: {
        target: 'docker',
        architectures: architectures.join(),
        // Named by its architecture: "latest" would be a finding.
        'build-args': `BUILD_FROM=${facts.bases?.python}:{arch}`,
        'smoke-test': 'false',
        'report-path': join(workspace, name),
        ...inputs,
      },
      environment: facts.engine ? { DOCKER_HOST: facts.engine.dockerHost } : {},
    })
    try {
      const { exitCode, log } = await job.main().done
      await job.post()
      if (exitCode !== 0) throw new Error(`The action ended with exit code ${exitCode}:\n${log}`)
      return JSON.parse(readFileSync(join(workspace, name, 'report.json'), 'utf8')) as Report
    } finally {
      await job.end()
    }
  }
  try {
    copyTracked('docker', workspace)
    const before = await measure('before', { file: 'Dockerfile.before', baseline: 'none' })
    // The strictest there is: one finding, and there is no report to compare with.
    const after = await measure('after', { baseline: 'file:before/report.json', audit: 'fail' })
    return { before, after }
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** A folder of the repository as somebody gets it who checks it out: without what lies around here. */
function copyTracked(folder: string, workspace: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', folder], { cwd: root, encoding: 'utf8' })
  for (const path of listed.split('\0').filter(Boolean)) cpSync(join(root, path), join(workspace, path))
}

export const targetsOf = (report: Report): readonly TargetReport[] => report.addons.flatMap(({ targets }) => targets)

/** One line of the table. Bytes; `smaller` in per cent. */
export interface SizeRow {
  readonly architecture: string
  readonly onDisk: readonly [before: number, after: number]
  readonly download: readonly [before: number, after: number]
}

export function rowsOf({ after }: BeforeAfter): readonly SizeRow[] {
  return targetsOf(after).map(({ architecture, size }) => {
    const comparison = size?.comparison
    if (!comparison) throw new Error(`${architecture} was not compared: ${size?.noBaseline}`)
    return { architecture, onDisk: bothOf(comparison, 'onDisk'), download: bothOf(comparison, 'download') }
  })
}

function bothOf(comparison: Comparison, what: 'onDisk' | 'download'): readonly [number, number] {
  const { before, after } = comparison[what]
  if (!('bytes' in before) || !('bytes' in after)) throw new Error(`The size (${what}) is not known.`)
  return [before.bytes, after.bytes]
}

export const smallerBy = ([before, after]: readonly [number, number]): number => Math.round((1 - after / before) * 100)

export function sizeTable(rows: readonly SizeRow[]): string {
  const pair = (both: readonly [number, number]): readonly string[] => [
    formatBytes(both[0]),
    formatBytes(both[1]),
    `**−${smallerBy(both)} %**`,
  ]
  const lines = [
    ['architecture', 'on disk before', 'after', '', 'download before', 'after', ''],
    ['---', '---:', '---:', '---:', '---:', '---:', '---:'],
    ...rows.map(({ architecture, onDisk, download }) => [architecture, ...pair(onDisk), ...pair(download)]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The documents that show the table, between `<!-- sizes:start -->` and `<!-- sizes:end -->`. */
export const documents = ['README.md', 'docker/README.md']

const markers = /(<!-- sizes:start -->\n)([\s\S]*?)(<!-- sizes:end -->)/

export const withTable = (text: string, table: string): string =>
  text.replace(markers, (_, start: string, __, end: string) => `${start}\n${table}\n\n${end}`)

/** The rows of a document's table, sizes as it says them: in tenths of a MB. */
export function readTable(text: string): readonly SizeRow[] {
  const lines = markers.exec(text)?.[2]?.trim().split('\n').slice(2) ?? []
  return lines.map((line) => {
    const [, architecture = '', ...cells] = line.split('|').map((cell) => cell.trim())
    const [beforeDisk = 0, afterDisk = 0, , beforeDownload = 0, afterDownload = 0] = cells.map(megabytes)
    return { architecture, onDisk: [beforeDisk, afterDisk], download: [beforeDownload, afterDownload] }
  })
}

const megabytes = (cell: string): number => {
  const [, number, unit] = /^([\d.]+) (MB|GB)$/.exec(cell) ?? []
  return Number(number ?? 0) * (unit === 'GB' ? 1e9 : 1e6)
}
