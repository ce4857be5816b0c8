import { textBefore } from '../../core/text.ts'
import { linesOf } from './lines.ts'
import type { NoteContent, NoteReader } from './reader.ts'

/** Alpine: virtual packages of `apk add --virtual .build-deps` that are still installed. The detail is the name and what it depends on: `.build-deps gcc musl-dev`. */
export const virtualPackages: NoteReader = {
  wants: ({ path, kind }) =>
    kind === 'file' && (path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed') ? 8e6 : undefined,
  read(_, head) {
    const notes: NoteContent[] = []
    let name: string | undefined
    let needs = ''
    const end = () => {
      if (name !== undefined) {
        const names = needs
          .split(/\s/)
          .map((need) => textBefore(need, '<>=~'))
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
