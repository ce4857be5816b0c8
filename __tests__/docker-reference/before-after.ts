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
  /** Compared with `before` as its baseline. */
  readonly after: Report
}

/**
 * Runs the action on both Dockerfiles of the reference add-on, with the same base image. The action builds and measures both, and compares the
 * second with the first. It does not start them: other tests do.
 */
export async function measureBeforeAfter(facts: Facts, architectures: readonly Architecture[]): Promise<BeforeAfter> {
  const workspace = mkdtempSync(join(tmpdir(), 'aicleaner-sizes-'))
  const measure = async (name: string, inputs: Readonly<Record<string, string>>): Promise<Report> => {
    const job = await startJob({
      workspace,
      inputs: {
        target: 'docker',
        architectures: architectures.join(),
        // Tagged with the architecture: the audit reports the tag "latest".
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
      if (exitCode !== 0) throw new Error(`The action exited with code ${exitCode}:\n${log}`)
      return JSON.parse(readFileSync(join(workspace, name, 'report.json'), 'utf8')) as Report
    } finally {
      await job.end()
    }
  }
  try {
    copyTracked('docker', workspace)
    const before = await measure('before', { file: 'Dockerfile.before', baseline: 'none' })
    // `audit: fail` turns any finding into a failed run, which throws above.
    const after = await measure('after', { baseline: 'file:before/report.json', audit: 'fail' })
    return { before, after }
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** Copies only tracked files, as in a fresh checkout. */
function copyTracked(folder: string, workspace: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', folder], { cwd: root, encoding: 'utf8' })
  for (const path of listed.split('\0').filter(Boolean)) cpSync(join(root, path), join(workspace, path))
}

export const targetsOf = (report: Report): readonly TargetReport[] => report.addons.flatMap(({ targets }) => targets)

/** One row of the table, in bytes. */
export interface SizeRow {
  readonly architecture: string
  readonly onDisk: readonly [before: number, after: number]
  readonly download: readonly [before: number, after: number]
}

export function rowsOf({ after }: BeforeAfter): readonly SizeRow[] {
  return targetsOf(after).map(({ architecture, size }) => {
    const comparison = size?.comparison
    if (!comparison) throw new Error(`No comparison for ${architecture}: ${size?.noBaseline}`)
    return { architecture, onDisk: pairOf(comparison, 'onDisk'), download: pairOf(comparison, 'download') }
  })
}

function pairOf(comparison: Comparison, metric: 'onDisk' | 'download'): readonly [number, number] {
  const { before, after } = comparison[metric]
  if (!('bytes' in before) || !('bytes' in after)) throw new Error(`The size ${metric} is unknown.`)
  return [before.bytes, after.bytes]
}

/** The reduction in percent. */
export const reductionOf = ([before, after]: readonly [number, number]): number =>
  Math.round((1 - after / before) * 100)

export function sizeTable(rows: readonly SizeRow[]): string {
  const cellsOf = (sizes: readonly [number, number]): readonly string[] => [
    formatBytes(sizes[0]),
    formatBytes(sizes[1]),
    `**−${reductionOf(sizes)} %**`,
  ]
  const lines = [
    ['architecture', 'on disk before', 'after', '', 'download before', 'after', ''],
    ['---', '---:', '---:', '---:', '---:', '---:', '---:'],
    ...rows.map(({ architecture, onDisk, download }) => [architecture, ...cellsOf(onDisk), ...cellsOf(download)]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The documents that contain the table, between `<!-- sizes:start -->` and `<!-- sizes:end -->`. */
export const documents = ['README.md', 'docker/README.md']

const markers = /(<!-- sizes:start -->\n)([\s\S]*?)(<!-- sizes:end -->)/

export const withTable = (text: string, table: string): string =>
  text.replace(markers, (_, start: string, __, end: string) => `${start}\n${table}\n\n${end}`)

/** Parses the rows of the table in a document. Its sizes are rounded to tenths of a megabyte. */
export function readTable(text: string): readonly SizeRow[] {
  const lines = markers.exec(text)?.[2]?.trim().split('\n').slice(2) ?? []
  return lines.map((line) => {
    const [, architecture = '', ...cells] = line.split('|').map((cell) => cell.trim())
    const [beforeDisk = 0, afterDisk = 0, , beforeDownload = 0, afterDownload = 0] = cells.map(bytesFrom)
    return { architecture, onDisk: [beforeDisk, afterDisk], download: [beforeDownload, afterDownload] }
  })
}

const bytesFrom = (cell: string): number => {
  const [, number, unit] = /^([\d.]+) (MB|GB)$/.exec(cell) ?? []
  return Number(number ?? 0) * (unit === 'GB' ? 1e9 : 1e6)
}
