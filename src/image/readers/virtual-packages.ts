import { before } from '../../core/cut.ts'
import type { Inspector, Note } from './inspector.ts'
import { linesOf } from './lines.ts'

/** Alpine: what `apk add --virtual .build-deps` left installed. The detail is its name and what it holds: `.build-deps gcc musl-dev`. */
export const virtualPackages: Inspector = {
  wants: ({ path, kind }) =>
    kind === 'file' && (path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed') ? 8e6 : undefined,
  look(_, head) {
    const notes: Omit<Note, 'path' | 'bytes'>[] = []
    let name: string | undefined
    let needs = ''
    const end = () => {
      if (name !== undefined) {
        const names = needs
          .split(/\s/)
          .map((need) => before(need, '<>=~'))
          .filter((need) => /^[\w.+-]+$/.test(need))
        notes.push({ kind: 'virtual-package', detail: [name, ...names].join(' ') })
      }
      name = undefined
      needs = ''
    }
    for (const line of linesOf(head.toString('utf8'))) {
      if (line === '') end()
      else if (line.startsWith('P:.')) name ??= line.slice(2)
      else if (line.startsWith('D:')) needs ||= line.slice(2)
    }
    end()
    return notes
  },
}
