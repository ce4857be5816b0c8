import { help, readCommandLine } from '../../src/cli/arguments.ts'

const read = (line: string) => readCommandLine(line === '' ? [] : line.split(' '))

test.each([
  ['run', 'run', 'run'],
  ['run a b', 'run', 'run'],
  ['plan .', 'plan', 'plan'],
  ['build .', 'build', 'build'],
  ['publish .', 'publish', 'publish'],
  ['refresh .', 'refresh', 'refresh'],
  ['audit .', 'audit', 'run'],
  ['', 'help', 'run'],
  ['run --help', 'help', 'run'],
  ['--version', 'version', 'run'],
])('"%s" is %s in mode %s', (line, command, mode) => {
  const found = read(line)
  expect(found.diagnostics).toEqual([])
  expect(found.command).toBe(command)
  expect(found.text('mode')).toBe(mode)
})

test('folders are the target, unless the option is given', () => {
  expect(read('run a b').text('target')).toBe('a\nb')
  expect(read('run --target c').text('target')).toBe('c')
  expect(read('smoke image:1 --target c')).toMatchObject({ operands: ['image:1'] })
  expect(read('smoke image:1').text('target')).toBe('')
})

test('options are inputs: with a space or "=", several times, switches alone', () => {
  const found = read('run --max-size=1MB --labels a=b --labels c=d --push --no-cache false x')
  expect(found.text('max-size')).toBe('1MB')
  expect(found.text('labels')).toBe('a=b\nc=d')
  expect(found.text('push')).toBe('true')
  expect(found.text('no-cache')).toBe('false')
  expect(found.operands).toEqual(['x'])
  expect(found.given).toEqual(['max-size', 'labels', 'push', 'no-cache'])
})

test('the version of an add-on is an option like any other', () => {
  expect(read('run --version 1.2').text('version')).toBe('1.2')
})

test('what follows "--" is a folder', () => {
  expect(read('run -- --push').operands).toEqual(['--push'])
  expect(read('run --push -- true')).toMatchObject({ operands: ['true'], given: ['push'] })
})

test('a value that begins with dashes is written after "="', () => {
  expect(read('run --smoke-run-args=--cap-add=NET_ADMIN').text('smoke-run-args')).toBe('--cap-add=NET_ADMIN')
  expect(read('run --max-size=').text('max-size')).toBe('')
})

test.each([
  ['migrate --write', true],
  ['migrate --write a', true],
  ['migrate --write=false', false],
  ['migrate', false],
  ['refresh --write', true],
  ['refresh a', false],
])('"%s" writes: %s', (line, write) => {
  expect(read(line)).toMatchObject({ write, diagnostics: [] })
})

test('"--help" wins over the operands of a command', () => {
  expect(read('smoke --help')).toMatchObject({ command: 'help', diagnostics: [] })
  expect(read('-h')).toMatchObject({ command: 'help', diagnostics: [] })
  expect(read('-V')).toMatchObject({ command: 'version', diagnostics: [] })
})

test.each([0, 1, 2, 3, 130])('the help names exit code %s', (code) => {
  expect(help).toMatch(new RegExp(`^  ${code} +\\w`, 'm'))
})

test.each([
  ['plna', 'command/unknown', 'Did you mean "plan"?'],
  ['run -x', 'command/unknown-option', 'two dashes'],
  ['run --github-token=hunter2', 'command/secret', 'no token'],
  ['run --max-size', 'command/no-value', '--max-size VALUE'],
  ['run --max-size --push', 'command/no-value', '--max-size=VALUE'],
  ['run --password hunter2', 'command/secret', 'docker login'],
  ['smoke', 'command/operands', 'help'],
  ['size a b c', 'command/operands', 'help'],
  ['run --write', 'command/unknown-option', 'Remove it.'],
])('"%s" is refused', (line, code, remedy) => {
  const { diagnostics } = read(line)
  expect(diagnostics).toMatchObject([{ code, remedy: expect.stringContaining(remedy) }])
  expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
})

test.each(['-----BEGIN KEY hunter2', 'KEY\n-----BEGIN KEY hunter2'])(
  'a private key is refused, its path is not',
  (key) => {
    const { diagnostics } = readCommandLine(['run', '--endpoint-key', key])
    expect(diagnostics).toMatchObject([{ code: 'command/secret', remedy: 'Give the path of its file.' }])
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
    expect(read('run --endpoint-key key.pem').diagnostics).toEqual([])
  },
)

test.each(['run -xyz', 'run -x=1'])('"%s" is refused once, as it was written', (line) => {
  const { diagnostics } = read(line)
  expect(diagnostics).toMatchObject([{ message: `"${line.slice(4)}" is not an option.` }])
})

test.each(['constructor', '__proto__', 'toString'])('an option named %s is unknown', (name) => {
  expect(read(`run --${name} x`)).toMatchObject({ given: [name], operands: [] })
})

test('an unknown option is reported by the inputs with a suggestion', () => {
  expect(read('run --targte x')).toMatchObject({ given: ['targte'], operands: [], diagnostics: [] })
})
