import type { FileTree } from '../../src/image/measure.ts'
import type { Report } from '../../src/report/model/report.ts'
import { addon, compared, contents, report, target } from './reports.ts'

const MB = 1_000_000

/** A folder that weighs what is in it. */
export const folder = (name: string, children: readonly FileTree[], rest = 0): FileTree => ({
  name,
  bytes: children.reduce((sum, { bytes }) => sum + bytes, rest),
  files: children.length,
  children: [...children].sort((a, b) => b.bytes - a.bytes),
})

export const file = (name: string, bytes: number, layer = 1): FileTree => ({ name, bytes, layer })

/** The same numbers each time: a report that looks different in each run cannot be looked at. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/** The file system of a Python add-on, in which `gcc` is still there or not. */
export const pythonTree = (withGcc: boolean): FileTree =>
  folder('', [
    folder('usr', [
      folder('lib', [
        folder('python3.12', [
          file('os.py', 100_000, 0),
          file('libpython3.12.so', 12 * MB, 0),
          folder('site-packages', packages(3)),
        ]),
        ...(withGcc
          ? [folder('gcc', [file('cc1', 21 * MB, 1), file('lto1', 9 * MB, 1), file('libgcc.a', 1 * MB, 1)])]
          : []),
        file('libcrypto.so.3', 4_400_000, 0),
        file('libssl.so.3', 900_000, 0),
      ]),
      folder(
        'share',
        [folder('doc', [file('README', 300_000, 0)]), folder('zoneinfo', [file('tzdata.zi', 400_000, 0)])],
        800_000,
      ),
      folder('bin', [file('python3.12', 6 * MB, 0), file('bashio', 100_000, 0)]),
    ]),
    folder('venv', [folder('lib', packages(9))]),
    folder('app', [
      file('main.py', 20_000, 2),
      folder('static', [file('bundle.js', withGcc ? 2_400_000 : 2_100_000, 2)]),
    ]),
  ])

const packages = (seed: number): readonly FileTree[] => {
  const next = random(seed)
  return ['aiohttp', 'numpy', 'pillow', 'pydantic', 'requests', 'yarl', 'attrs', 'jinja2'].map((name) =>
    folder(
      name,
      Array.from({ length: 12 }, (_, index) => file(`${name}_${index}.py`, Math.round(next() ** 3 * 2 * MB), 2)),
    ),
  )
}

/** A tree of so many files in folders of folders. */
export function largeTree(files: number, seed = 1): FileTree {
  const next = random(seed)
  const size = (): number => Math.round(200 + next() ** 6 * 400_000)
  const leaves = Array.from({ length: files }, (_, index) => file(`file-${index}.so`, size(), Math.floor(next() * 8)))
  let level: FileTree[] = []
  for (let at = 0; at < leaves.length; at += 40) level.push(folder(`folder-${at / 40}`, leaves.slice(at, at + 40)))
  while (level.length > 12) {
    const above: FileTree[] = []
    for (let at = 0; at < level.length; at += 12) above.push(folder(`part-${at / 12}`, level.slice(at, at + 12)))
    level = above
  }
  return folder('', level)
}

/** A report whose images carry trees, before and after. */
export function reportWithTrees(after: FileTree, before?: FileTree): Report {
  const architectures = ['amd64', 'aarch64'] as const
  return report([
    addon(
      architectures.map((architecture, index) => {
        const size = compared(58_300_000, 89_300_000, {
          architecture,
          seed: index + 1,
          changes: ['+31.0 MB: package gcc 13.2 was added'],
        })
        const packages = [
          ...contents.packages,
          { manager: 'apk', name: 'gcc', version: '13.2.1', bytes: 31 * MB } as const,
        ]
        return target(architecture, {
          size: {
            ...size,
            measure: { ...size.measure, contents: { ...contents, packages, tree: after } },
            ...(size.baseline && {
              baseline: {
                ...size.baseline,
                measure: { ...size.baseline.measure, contents: { ...contents, ...(before && { tree: before }) } },
              },
            }),
          },
        })
      }),
    ),
  ])
}
