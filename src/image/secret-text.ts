/** Texts that can only be credentials. Sources: the documentation of their issuers. */
const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s[A-Za-z0-9+/=:,\s-]{40}/],
  ['an AWS access key', /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/],
  ['a GitHub token', /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})/],
  ['a GitLab token', /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}/],
  ['a Slack token', /(?<![A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{20,}/],
  ['an npm token', /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/],
  ['an npm login', /^\/\/[^\s:]+(?::\d+(?:\/[^\s:]*)?)?:_auth(?:Token)?=(?!\$)\S{8,}/m],
  ['a PyPI token', /(?<![A-Za-z0-9])pypi-AgE[A-Za-z0-9_-]{50,}/],
  ['a Google API key', /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ['a Stripe key', /(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{20,}/],
  ['a Docker Hub token', /(?<![A-Za-z0-9])dckr_pat_[A-Za-z0-9_-]{20,}/],
  ['a Home Assistant token', /(?<![A-Za-z0-9._-])eyJ[\w-]{10,}\.eyJpc3Mi[\w-]{20,}\.[\w-]{40,}/],
  ['a login in a web address', /https?:\/\/[\w.~-]+:(?![$<{*])[^\s@/:'"$<>{}]{8,}@[\w.-]+\.\w/],
]

/** The kind of credential in a text, in words; undefined if there is none. Never the credential itself. */
export const secretIn = (text: string): string | undefined => patterns.find(([, pattern]) => pattern.test(text))?.[0]

const secretName =
  /(?:^|_)(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SECRET_?KEY|CREDENTIALS?|AUTH_?KEY)$/i

/** A variable whose name says that its value is secret. `…_FILE` names a file, not the secret. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !/^(?:OLD)?PWD$/i.test(name)

/** A value that could be the secret itself: not empty, no reference, no path, no switch. */
export const isSecretValue = (value: string): boolean =>
  value !== '' && !/^(?:\$|\/|(?:true|false|yes|no|on|off|none|null|0|1)$|<.*>$|\*+$)/i.test(value)
