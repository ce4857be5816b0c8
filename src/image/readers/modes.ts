import type { NoteReader } from './reader.ts'

/** Finds setuid and setgid files, and files and folders that everybody may write to. A folder with the sticky bit, such as /tmp, is safe. */
export const modes: NoteReader = {
  wants: ({ kind, mode }) =>
    (kind === 'file' && (mode & 0o6002) !== 0) || (kind === 'directory' && (mode & 0o1002) === 0o002) ? 0 : undefined,
  read: ({ kind, mode }) => [
    ...(kind === 'file' && mode & 0o4000 ? [{ kind: 'setuid', detail: 'setuid' } as const] : []),
    // On a file that its group cannot execute, setgid only means mandatory locking.
    ...(kind === 'file' && !(mode & 0o4000) && (mode & 0o2010) === 0o2010
      ? [{ kind: 'setuid', detail: 'setgid' } as const]
      : []),
    ...(mode & 0o002 ? [{ kind: 'world-writable' } as const] : []),
  ],
}
