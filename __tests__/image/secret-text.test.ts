import { isSecretName, isSecretValue, secretIn } from '../../src/image/secret-text.ts'

/** Kind, what it begins with, a letter of the rest, the fewest letters of the rest, and whether there may be no more. */
const tokens: readonly [what: string, start: string, letter: string, length: number, exact: boolean][] = [
  ['an AWS access key', 'AKIA', 'Q', 16, true],
  ['an AWS access key', 'ASIA', '7', 16, true],
  ['a GitHub token', 'ghp_', 'a', 36, false],
  ['a GitHub token', 'gho_', 'Z', 36, false],
  ['a GitHub token', 'ghu_', '0', 36, false],
  ['a GitHub token', 'ghs_', 'a', 36, false],
  ['a GitHub token', 'ghr_', 'a', 36, false],
  ['a GitHub token', 'github_pat_', '_', 50, false],
  ['a GitLab token', 'glpat-', '-', 20, false],
  ['a Slack token', 'xoxb-', '-', 20, false],
  ['a Slack token', 'xoxp-', '1', 20, false],
  ['an npm token', 'npm_', 'a', 36, true],
  ['a PyPI token', 'pypi-AgE', '-', 50, false],
  ['a Google API key', 'AIza', '-', 35, true],
  ['a Stripe key', 'sk_live_', 'a', 20, false],
  ['a Stripe key', 'rk_live_', '9', 20, false],
  ['a Docker Hub token', 'dckr_pat_', '_', 20, false],
]

describe('secretIn', () => {
  test.each(tokens)('finds %s: %s…', (what, start, letter, length) => {
    const token = start + letter.repeat(length)
    expect(secretIn(token)).toBe(what)
    expect(secretIn(`first line\nKEY="${token}"; next`)).toBe(what)
  })

  test.each(tokens)('does not take a part of another word for %s: %s…', (_, start, letter, length, exact) => {
    const token = start + letter.repeat(length)
    for (const before of ['a', 'Z', '5']) expect(secretIn(before + token)).toBeUndefined()
    expect(secretIn(`${start}${letter.repeat(length - 1)} ${letter}`)).toBeUndefined()
    expect(secretIn(`${start}${letter.repeat(length - 1)}.`)).toBeUndefined()
    if (exact) expect(secretIn(`${token}A`)).toBeUndefined()
  })

  const body = 'MIIEow+/09=:, -'.repeat(3).slice(0, 40)
  test.each([
    ['PRIVATE KEY', ''],
    ['RSA PRIVATE KEY', ''],
    ['OPENSSH PRIVATE KEY', ''],
    ['PGP PRIVATE KEY', ' BLOCK'],
    ['ENCRYPTED EC PRIVATE KEY', ''],
  ])('finds a private key: BEGIN %s%s', (kind, more) => {
    expect(secretIn(`-----BEGIN ${kind}${more}-----\n${body}`)).toBe('a private key')
    expect(secretIn(`-----BEGIN ${kind}${more}-----\r\n\r\n${body.slice(0, 20)}\n${body.slice(20)}`)).toBe(
      'a private key',
    )
  })

  test.each([
    ['a public key', `-----BEGIN PUBLIC KEY-----\n${body}`],
    ['a template', '-----BEGIN PRIVATE KEY-----\n{{ a_key_that_is_filled_in_when_it_starts_up }}'],
    ['a key of 39 characters', `-----BEGIN PRIVATE KEY-----\n${body.slice(0, 39)}{`],
    ['a key beside its head', `-----BEGIN PRIVATE KEY-----${body}`],
  ])('sees no private key in %s', (_, text) => {
    expect(secretIn(text)).toBeUndefined()
  })

  test.each([
    ['an npm login', '//npm.example/:_authToken=abcdefgh'],
    ['an npm login', 'a=b\n//npm.example/path/:_auth=abcdefgh\n'],
    ['an npm login', '//npm.example:_auth=abcdefgh'],
    ['an npm login', '//npm.example:4873:_auth=abcdefgh'],
    ['an npm login', '//npm.example:4873/:_authToken=abcdefgh'],
    ['an npm login', '//npm.example:4873/path/:_authToken=abcdefgh'],
    ['a login in a web address', 'see https://user.name:passw0rd@host.example/x'],
    ['a login in a web address', 'http://u~-_:12345678@host:a'],
    ['a Home Assistant token', `eyJ${'a'.repeat(10)}.eyJpc3Mi${'-'.repeat(20)}.${'_'.repeat(40)}`],
    ['a Home Assistant token', `t: eyJ${'-'.repeat(10)}.eyJpc3Mi${'a'.repeat(20)}.${'-'.repeat(40)}`],
  ])('finds %s: %s', (what, text) => {
    const host = text.replace('host:a', 'host.a')
    expect(secretIn(host)).toBe(what)
  })

  test.each([
    ['an npm login from the environment', '//npm.example/:_authToken=$' + '{NPM_TOKEN}'],
    ['an npm login of 7 characters', '//npm.example/:_authToken=abcdefg'],
    ['an npm login inside of a line', 'see //npm.example/:_authToken=abcdefgh'],
    ['an npm login without a registry', '//:_authToken=abcdefgh'],
    ['an npm login with blanks', '//npm example/:_authToken=abcdefgh'],
    ['another setting of npm', '//npm.example/:_authority=abcdefgh'],
    ['an address with a variable', 'https://user:$' + 'PASSWORD@host.example'],
    ['an address with a placeholder', 'https://user:<password>@host.example'],
    ['an address with a template', 'https://user:{{password}}@host.example'],
    ['an address with stars', 'https://user:********@host.example'],
    ['an address with 7 characters', 'https://user:1234567@host.example'],
    ['an address with a port', 'https://host.example:12345678/a@b.example'],
    ['an address of a name without a dot', 'https://user:12345678@localhost'],
    ['an address without a user', 'https://:12345678@host.example'],
    ['an address of another kind', 'ftp://user:12345678@host.example'],
    ['a token with a short head', `eyJ${'a'.repeat(9)}.eyJpc3Mi${'a'.repeat(20)}.${'a'.repeat(40)}`],
    ['a token with a short body', `eyJ${'a'.repeat(10)}.eyJpc3Mi${'a'.repeat(19)}.${'a'.repeat(40)}`],
    ['a token with a short signature', `eyJ${'a'.repeat(10)}.eyJpc3Mi${'a'.repeat(20)}.${'a'.repeat(39)}`],
    ['a token inside of a word', `.eyJ${'a'.repeat(10)}.eyJpc3Mi${'a'.repeat(20)}.${'a'.repeat(40)}`],
    ['a token of somebody else', `eyJ${'a'.repeat(10)}.eyJzdWIi${'a'.repeat(20)}.${'a'.repeat(40)}`],
    ['nothing', ''],
  ])('sees no secret in %s', (_, text) => {
    expect(secretIn(text)).toBeUndefined()
  })
})

test.each([
  ...['PASS', 'PASSWORD', 'PASSWD', 'PASSPHRASE', 'SECRET', 'TOKEN', 'API_KEY', 'APIKEY', 'PRIVATE_KEY', 'PRIVATEKEY'],
  ...['ACCESS_KEY', 'ACCESSKEY', 'SECRET_KEY', 'SECRETKEY', 'CREDENTIAL', 'CREDENTIALS', 'AUTH_KEY', 'AUTHKEY'],
])('isSecretName: %s, alone or at the end of a name', (name) => {
  for (const full of [name, `MQTT_${name}`, `mqtt_${name.toLowerCase()}`]) expect(isSecretName(full)).toBe(true)
  for (const other of [`${name}_FILE`, `MY${name}`, `${name}X`]) expect(isSecretName(other)).toBe(false)
})

test('isSecretName: PWD and OLDPWD of a shell are folders', () => {
  expect(['PWD', 'OLDPWD', 'oldpwd', 'DB_PWD', 'X_OLDPWD', 'KEY', 'PWD_TOKEN'].filter(isSecretName)).toEqual([
    'DB_PWD',
    'PWD_TOKEN',
  ])
})

test.each([
  ...['', '$X', '/run/secrets/x', 'true', 'FALSE', 'yes', 'no', 'on', 'off', 'none', 'null', '0', '1'],
  ...['<your token>', '*', '*****'],
])('isSecretValue: "%s" is no secret', (value) => {
  expect(isSecretValue(value)).toBe(false)
})

test.each(['abc', 'true1', 'untrue', '10', '21', '<a>b', 'a<b>', '**a', 'a*', 'a$b', 'a/b'])(
  'isSecretValue: "%s" may be one',
  (value) => {
    expect(isSecretValue(value)).toBe(true)
  },
)
