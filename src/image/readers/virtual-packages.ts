import type { Inspector } from './inspector.ts'

/** Alpine: what `apk add --virtual .build-deps` left installed. The detail is its name and what it holds: `.build-deps gcc musl-dev`. */
export const virtualPackages: Inspector = {
  wants: ({ path, kind }) =>
    kind === 'file' && (path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed') ? 32e6 : undefined,
  look: (_, head) =>
    head
      .toString('utf8')
      .split(/\n\n+/)
      .flatMap((paragraph) => {
        const name = /^P:(\..*)$/m.exec(paragraph)?.[1]
        if (name === undefined) return []
        const needs = /^D:(.*)$/m.exec(paragraph)?.[1]?.split(/\s+/) ?? []
        const names = needs.map((need) => need.replace(/[<>=~].*$/, '')).filter((need) => /^[\w.+-]+$/.test(need))
        return [{ kind: 'virtual-package', detail: [name, ...names].join(' ') } as const]
      }),
}
