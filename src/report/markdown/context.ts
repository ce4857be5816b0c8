import type { Amount, ContextReport } from '../../context/context-measure.ts'
import { count } from '../../core/text.ts'
import { formatBytes } from '../figures.ts'
import type { Report } from '../model/report.ts'
import { blocks, code, folded, html, prose, right, table } from './markdown.ts'

const mostContexts = 20
const mostPatterns = 10

/** `1240 files, 85.0 MB`. */
const amountInWords = ({ files, bytes }: Amount): string => `${count(files, 'file')}, ${formatBytes(bytes)}`

/** The size of a build context, before and after the ignore file, in one sentence. */
export function contextInWords({ before, after, ignoreFile }: ContextReport): string {
  if (ignoreFile === undefined) return `${amountInWords(before)}; no .dockerignore`
  if (after.files === before.files) return `${amountInWords(before)}; ${ignoreFile} excludes nothing`
  return `${amountInWords(before)}; ${amountInWords(after)} after ${ignoreFile} (saves ${formatBytes(before.bytes - after.bytes)})`
}

/** The bytes that should be excluded as well; undefined if there is nothing to exclude. */
export const excludableBytes = ({ exclude }: ContextReport): number | undefined =>
  exclude.length === 0 ? undefined : exclude.reduce((sum, { bytes }) => sum + bytes, 0)

/** The build context of each add-on, folded; undefined if none was measured. */
export function contextsOf({ addons }: Report): string | undefined {
  const contexts = addons.flatMap(({ contexts: all }) => all ?? [])
  if (contexts.length === 0) return undefined
  // If there are several contexts, show only those with something to exclude.
  const shown = contexts.length === 1 ? contexts : contexts.filter(({ exclude }) => exclude.length > 0)
  return shown.length === 0 ? undefined : shown.slice(0, mostContexts).map(detail).join('\n')
}

function detail(context: ContextReport): string {
  const more = excludableBytes(context)
  const title = `Build context <code>${html(context.folder)}</code>: ${html(contextInWords(context))}`
  return folded(
    more === undefined ? title : `${title}; ${html(formatBytes(more))} more could be excluded`,
    blocks(
      'This is the maximum: BuildKit requests only the files that the Dockerfile copies.',
      more === undefined
        ? undefined
        : table(
            ['Also exclude', right('Files'), right('Bytes'), 'Why'],
            context.exclude
              .slice(0, mostPatterns)
              .map(({ pattern, files, bytes, reason }) => [
                code(pattern),
                String(files),
                formatBytes(bytes),
                prose(reason),
              ]),
          ),
      context.largestFiles.length === 0
        ? undefined
        : table(
            [right('Bytes'), 'Largest files that may be sent to the builder'],
            context.largestFiles.slice(0, 5).map(({ path, bytes }) => [formatBytes(bytes), code(path.slice(0, 160))]),
          ),
    ),
  )
}
