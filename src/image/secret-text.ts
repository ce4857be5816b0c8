interface Pattern {
  readonly what: string
  readonly pattern: RegExp
}

/** Texts that can only be credentials. Sources: the documentation of their issuers. */
const patterns: readonly Pattern[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s[A-Za-z0-9+/=:,\s-]{40}/ },
  { what: 'an AWS access key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/ },
  { what: 'a GitHub token', pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})/ },
  { what: 'a GitLab token', pattern: /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}/ },
  { what: 'a Slack token', pattern: /(?<![A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{20,}/ },
  { what: 'an npm token', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { what: 'an npm login', pattern: /^\/\/[^\s:]+(?::\d+(?:\/[^\s:]*)?)?:_auth(?:Token)?=(?!\$)\S{8,}/m },
  { what: 'a PyPI token', pattern: /(?<![A-Za-z0-9])pypi-AgE[A-Za-z0-9_-]{50,}/ },
  { what: 'a Google API key', pattern: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/ },
  { what: 'a Stripe key', pattern: /(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{20,}/ },
  { what: 'a Docker Hub token', pattern: /(?<![A-Za-z0-9])dckr_pat_[A-Za-z0-9_-]{20,}/ },
  { what: 'a Home Assistant token', pattern: /(?<![A-Za-z0-9._-])eyJ[\w-]{10,}\.eyJpc3Mi[\w-]{20,}\.[\w-]{40,}/ },
  { what: 'a login in a web address', pattern: /https?:\/\/[\w.~-]+:(?![$<{*])[^\s@/:'"$<>{}]{8,}@[\w.-]+\.\w/ },
]

/** The kind of credential in a text, in words; undefined where there is none. Never the credential itself. */
export const secretIn = (text: string): string | undefined => patterns.find(({ pattern }) => pattern.test(text))?.what

const secretName =
  /(?:^|_)(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|CREDENTIALS?|AUTH_?KEY)$/i

/** A variable whose name says that its value is secret. `…_FILE` names a file, not the secret. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !/^(?:OLD)?PWD$/i.test(name)

/** A value that could be the secret itself: not empty, no reference, no path, no switch. */
export const isSecretValue = (value: string): boolean =>
  value !== '' && !/^(?:\$|\/|(?:true|false|yes|no|on|off|none|null|0|1)$|<.*>$|\*+$)/i.test(value)
