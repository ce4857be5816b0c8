import type { NoteReader } from './reader.ts'

/** Setuid and setgid files, and what everybody may write to. A folder with the sticky bit, as /tmp, is safe. */
export const modes: NoteReader = {
  wants: ({ kind, mode }) =>
    (kind === 'file' && (mode & 0o6002) !== 0) || (kind === 'directory' && (mode & 0o1002) === 0o002) ? 0 : undefined,
  read: ({ kind, mode }) => [
    ...(kind === 'file' && mode & 0o4000 ? [{ kind: 'setuid', detail: 'setuid' } as const] : []),
    // Without the right to execute, setgid means locking and nothing else.
    ...(kind === 'file' && !(mode & 0o4000) && (mode & 0o2010) === 0o2010
      ? [{ kind: 'setuid', detail: 'setgid' } as const]
      : []),
    ...(mode & 0o002 ? [{ kind: 'world-writable' } as const] : []),
  ],
}
