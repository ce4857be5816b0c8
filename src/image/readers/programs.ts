import { headBytes, programOf } from '../elf.ts'
import type { TarEntry } from '../tar/tar.ts'
import type { NoteContent, NoteReader } from './reader.ts'

const library = /\.so(?:\.\d+)*$/
const service = /^etc\/(?:services\.d\/[^/]+\/(?:run|finish)|cont-init\.d\/[^/]+|cont-finish\.d\/[^/]+)$/
const started = /^(?:(?:usr\/(?:local\/)?)?s?bin\/|app\/|opt\/)?[^/]+$/

/** Finds what binaries and scripts need to run, and what prevents them from running. */
export const programs: NoteReader = {
  wants: (entry) => (entry.kind === 'file' && entry.size > 3 && mayBeProgram(entry) ? headBytes : undefined),
  read(entry, head) {
    const program = programOf(head)
    if (program.kind === 'unknown') return []
    const executable = (entry.mode & 0o111) !== 0
    if (program.kind === 'elf') {
      const { machine, interpreter } = program
      // A library may name a loader as well. Without permission to execute it is not started, so the loader may be missing.
      return [{ kind: 'program', program: { machine, ...(interpreter && executable && { interpreter }) } }]
    }
    const notes: NoteContent[] = []
    const crlf = firstLine(head).endsWith('\r')
    if (crlf) notes.push({ kind: 'crlf-script' })
    if (!executable && (service.test(entry.path) || started.test(entry.path)))
      notes.push({ kind: 'not-executable', detail: service.test(entry.path) ? 'service' : 'program' })
    // CRLF line ends also make the interpreter missing. One note is enough.
    if (executable && !crlf) {
      const { interpreter, argument } = program
      notes.push({ kind: 'program', program: { interpreter, ...(argument && { argument }) } })
    }
    return notes
  },
}

const mayBeProgram = ({ path, mode }: TarEntry): boolean =>
  (mode & 0o111) !== 0 || library.test(path) || service.test(path) || started.test(path)

function firstLine(head: Buffer): string {
  const end = head.indexOf(0x0a)
  return head.toString('latin1', 0, end < 0 ? head.length : end)
}
