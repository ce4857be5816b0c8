import type { Inspector } from './inspector.ts'

const files = new Set(['etc/shadow', 'etc/passwd'])

/** Accounts with an empty password: anybody may become them. `x` in passwd refers to shadow, `*` and `!` close an account. */
export const accounts: Inspector = {
  wants: ({ path, kind }) => (kind === 'file' && files.has(path) ? 256 * 1024 : undefined),
  look: (_, head) =>
    head
      .toString('utf8')
      .split('\n')
      .flatMap((line) => {
        const [name, password, ...rest] = line.split(':')
        return name && password === '' && rest.length >= 3 ? [{ kind: 'empty-password', detail: name } as const] : []
      }),
}
