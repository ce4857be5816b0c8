import { fitsEnvironment, fitsOnLine, isReserved, maxVariableBytes, variableName } from '../../src/core/variables.ts'

test.each([
  ['A', true],
  ['_a9', true],
  ['9A', false],
  ['A-B', false],
  ['', false],
  ['A ', false],
  [' A', false],
  ['é', false],
])('the name %j is one of a variable: %s', (name, expected) => {
  expect(variableName.test(name)).toBe(expected)
  expect(fitsEnvironment(name, 'x')).toBe(expected)
})

test('a value has no NUL, and a line of the env file no line end', () => {
  expect([fitsEnvironment('A', 'x\ny'), fitsEnvironment('A', 'x\0')]).toEqual([true, false])
  expect(['x\ny', 'x\ry', 'x y'].map((value) => fitsOnLine('A', value))).toEqual([false, false, true])
})

test('lengths are counted in bytes, with the name', () => {
  expect(maxVariableBytes).toBe(131_000)
  expect([fitsEnvironment('AB', 'x'.repeat(130_997)), fitsEnvironment('AB', 'x'.repeat(130_998))]).toEqual([
    true,
    false,
  ])
  expect([fitsEnvironment('A', 'é'.repeat(65_499)), fitsEnvironment('A', 'é'.repeat(65_500))]).toEqual([true, false])
  expect([fitsOnLine('AB', 'x'.repeat(64_997)), fitsOnLine('AB', 'x'.repeat(64_998))]).toEqual([true, false])
})

test.each(
  `PATH HOME USER LOGNAME SHELL PWD OLDPWD ENV BASH_ENV IFS TERM TZ ZONEINFO LANG LANGUAGE LC_ALL TMP TEMP TMPDIR XDG_RUNTIME_DIR
   LD_PRELOAD DYLD_X GLIBC_TUNABLES GCONV_PATH LOCPATH NLSPATH HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_X MALLOC_X DOCKER_HOST
   BUILDX_X BUILDKIT_HOST COMPOSE_FILE MOBY_X SSH_AUTH_SOCK DISPLAY HTTP_PROXY no_proxy GODEBUG GOMAXPROCS GO CGO_X SSL_CERT_FILE
   SSLKEYLOGFILE OTEL_X KUBECONFIG GNUPGHOME GPG_TTY PASSWORD_STORE_DIR DBUS_X GIT_DIR NODE_OPTIONS PYTHONPATH PERL5LIB RUBYOPT path
   Docker_Host`.split(/\s+/),
)('%s would change what the docker command does', (name) => {
  expect(isReserved(name)).toBe(true)
})

test.each([
  'XPATH',
  'PATHS',
  'MY_HOME',
  'HOMES',
  'MQTT_HOST',
  'XDG',
  'DOCKER',
  'PROXY',
  'GO_X',
  'LOG_LEVEL',
  'A_LD_X',
  'TZX',
])('%s is a variable of the container only', (name) => {
  expect(isReserved(name)).toBe(false)
})
