import type { NoteReader } from './reader.ts'

const files = new Set(['etc/shadow', 'etc/passwd'])

/** Accounts with an empty password: anybody can log in to them. `x` in passwd refers to shadow, `*` and `!` close an account. */
export const accounts: NoteReader = {
  wants: ({ path, kind }) => (kind === 'file' && files.has(path) ? 256 * 1024 : undefined),
  read: (_, head) =>
    head
      .toString('utf8')
      .split('\n')
      .flatMap((line) => {
        const [name, password, ...rest] = line.split(':')
        return name && password === '' && rest.length >= 3 ? [{ kind: 'empty-password', detail: name } as const] : []
      }),
}
