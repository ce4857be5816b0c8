import { describe, expect, test } from '@jest/globals'
import { isInstalled } from '../bootstrap.mjs'
import { registration } from '../emulators.ts'
import { commandName, searchPath } from '../machine/command.ts'
import { asRoot } from '../machine/machine.ts'
import { accessSettings, containerArguments, registryConfiguration } from '../registry.ts'
import { type Part, readArguments } from '../suite/arguments.ts'
import { bufferLines } from '../suite/buffered-lines.ts'
import { describeCounts, nothing, oneFailed, onePassed, readJestResult, sum } from '../suite/counts.ts'
import { kindOf, matching, namedIn } from '../suite/files.ts'
import { longestFirst } from '../suite/order.ts'
import { startPhases } from '../suite/phases.ts'
import { isGoRecent } from '../tools.ts'

describe('the arguments of npm test', () => {
  test.each<[string[], Part[], string[]]>([
    [[], ['lint', 'types', 'dist', 'unit', 'integration', 'e2e'], []],
    [['unit'], ['unit'], []],
    [['e2e', 'cancel'], ['e2e'], ['cancel']],
    [['unit', 'lint'], ['lint', 'unit'], []],
    [['report'], ['unit', 'integration', 'e2e'], ['report']],
  ])('%j', (words, parts, patterns) => {
    expect(readArguments(words)).toEqual({ parts, patterns })
  })
})

describe('test files', () => {
  test.each([
    ['__tests__/e2e/run.e2e.test.ts', 'e2e'],
    ['__tests__/docker-reference/stack.e2e.test.ts', 'e2e'],
    ['__tests__/hostile/files.integration.test.ts', 'integration'],
    ['__tests__/docker-reference/options.test.ts', 'unit'],
    ['__tests__/environment/__tests__/suite.test.ts', 'unit'],
  ])('%s', (file, expected) => {
    expect(kindOf(file)).toBe(expected)
  })
  test('are selected by any of several patterns, and all without a pattern', () => {
    expect(matching(['a', 'b'], [])).toEqual(['a', 'b'])
    expect(matching(['x/one.ts', 'x/two.ts', 'y/three.ts'], ['one', 'y/'])).toEqual(['x/one.ts', 'y/three.ts'])
  })
})

test('a piece that takes minutes to make is only made if a test file names it', () => {
  expect(namedIn(["describeWith(['registry'], '', () => {})"], ['registry', 'registry3'])).toEqual(['registry'])
  expect(namedIn(['', "testWith(['registry3'], '', work)"], ['registry3'])).toEqual(['registry3'])
  expect(namedIn([], ['registry3'])).toEqual([])
})

test('test files are sorted by duration, or by size if it is unknown', () => {
  const bytes = { a: 400, b: 4_000, '__tests__/faults/cache.e2e.test.ts': 1, '__tests__/e2e/run.e2e.test.ts': 2 }
  expect(longestFirst(Object.keys(bytes), (file) => bytes[file as keyof typeof bytes])).toEqual([
    '__tests__/faults/cache.e2e.test.ts',
    '__tests__/e2e/run.e2e.test.ts',
    'b',
    'a',
  ])
})

test('phases are listed in the order in which they ended, with failed ones and the total', async () => {
  let clock = 5_000
  const phases = startPhases(() => clock)
  phases.note('npm ci', 26)
  let endSlow = () => {}
  const slow = phases.time('slow', () => new Promise<void>((resolve) => (endSlow = resolve)))
  clock += 2_000
  await expect(phases.time('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  clock += 7_000
  endSlow()
  await slow
  expect(phases.describe()).toBe('npm ci 26 s, fails 0 s, slow 9 s, total 35 s')
})

test('buffered lines are printed in order, before later lines', () => {
  const lines: string[] = []
  const held = bufferLines((line) => lines.push(line))
  held.say('one')
  held.say('two')
  expect(lines).toEqual([])
  held.release()
  held.say('three')
  held.release()
  expect(lines).toEqual(['one', 'two', 'three'])
})

describe('the counts', () => {
  const jest = (change: object) =>
    JSON.stringify({
      numPassedTests: 3,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      numRuntimeErrorTestSuites: 0,
      testResults: [],
      ...change,
    })

  test('are summed, and the last line has a fixed form', () => {
    expect(describeCounts(sum([onePassed, oneFailed, { passed: 3, failed: 0, skipped: 2 }]))).toBe(
      '4 passed, 1 failed, 2 skipped',
    )
    expect(describeCounts(sum([]))).toBe('0 passed, 0 failed, 0 skipped')
    expect(nothing).toEqual({ passed: 0, failed: 0, skipped: 0 })
  })
  test('include a file that cannot be run as a failed test', () => {
    expect(readJestResult(jest({ numRuntimeErrorTestSuites: 2, numFailedTests: 1 }), 1).counts.failed).toBe(3)
  })
  test('include a run that failed without a failed test as one', () => {
    expect(readJestResult(jest({}), 1).counts).toEqual({ passed: 3, failed: 1, skipped: 0 })
    expect(readJestResult(jest({}), 0).counts).toEqual({ passed: 3, failed: 0, skipped: 0 })
  })
  test('list skipped tests', () => {
    const assertionResults = [
      { fullName: 'runs [skipped, missing engine: none]', status: 'pending' },
      { fullName: 'passes', status: 'passed' },
      { fullName: 'later', status: 'todo' },
    ]
    const result = readJestResult(jest({ numPendingTests: 1, numTodoTests: 1, testResults: [{ assertionResults }] }), 0)
    expect(result.counts.skipped).toBe(2)
    expect(result.skipped).toEqual(['runs [skipped, missing engine: none]', 'later'])
    expect(result.failed).toEqual([])
  })
  test('list failed tests and files that could not be run', () => {
    const testResults = [
      {
        name: '/x/one.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'a table holds', status: 'failed' },
          { fullName: 'passes', status: 'passed' },
        ],
      },
      { name: '/x/two.e2e.test.ts', status: 'failed', assertionResults: [] },
      { name: '/x/three.test.ts', status: 'passed', assertionResults: [{ fullName: 'passes', status: 'passed' }] },
    ]
    const result = readJestResult(jest({ numFailedTests: 1, numRuntimeErrorTestSuites: 1, testResults }), 1)
    expect(result.failed).toEqual(['one.test.ts: a table holds', 'two.e2e.test.ts could not be run'])
  })
})

describe('the packages of the project', () => {
  const packages = { '': { name: 'x' }, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }
  const lock = (change = {}) => JSON.stringify({ packages: { ...packages, ...change } })
  const installed = (change = {}) => {
    const { '': _, ...rest } = packages
    return JSON.stringify({ packages: { ...rest, ...change } })
  }

  test.each<[string, string, string | undefined, boolean]>([
    ['are those of the lock file', lock(), installed(), true],
    ['are not installed at all', lock(), undefined, false],
    [
      'have another version',
      lock({ 'node_modules/a': { version: '2.0.0', integrity: 'sha512-b' } }),
      installed(),
      false,
    ],
    [
      'have another content',
      lock({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }),
      installed(),
      false,
    ],
    ['lack one', lock({ 'node_modules/b': { version: '1.0.0' } }), installed(), false],
    [
      'lack one of another platform',
      lock({ 'node_modules/b': { version: '1.0.0', optional: true } }),
      installed(),
      true,
    ],
    ['have one too many', lock(), installed({ 'node_modules/b': { version: '1.0.0' } }), false],
  ])('%s', (_, lockText, installedText, expected) => {
    expect(isInstalled(lockText, installedText)).toBe(expected)
  })
})

describe('a program that runs as root', () => {
  test.each([
    ['root', false, ['apt-get', 'update']],
    ['sudo', true, ['sudo', 'apt-get', 'update']],
    ['sudo', false, ['sudo', '-n', 'apt-get', 'update']],
  ] as const)('for %s, at a terminal: %p', (rights, interactive, expected) => {
    expect(asRoot({ rights, interactive }, 'apt-get', ['update'])).toEqual(expected)
  })
  test('keeps the environment it was given', () => {
    expect(asRoot({ rights: 'sudo', interactive: false }, 'x', ['y'], { A: 'b c' })).toEqual([
      'sudo',
      '-n',
      'env',
      'A=b c',
      'x',
      'y',
    ])
  })
  test.each([
    [['sudo', '-n', 'env', 'A=b', 'apt-get', 'update', '-q', '-y'], 'apt-get update -q'],
    [['sudo', 'nice', '-n10', 'mmdebstrap', '--quiet', 'x'], 'mmdebstrap --quiet x'],
    [['docker', 'info'], 'docker info'],
  ])('has a short name in messages: %j', (words, name) => {
    expect(commandName(words)).toBe(name)
  })
  test('finds the tools of administrators', () => {
    expect(searchPath('/usr/bin:/usr/sbin')).toBe('/usr/bin:/usr/sbin:/usr/local/sbin:/sbin')
  })
})

describe('an emulator', () => {
  test('is registered with the ELF header of its executables, and opened immediately', () => {
    const line = registration('qemu-arm', '/usr/bin/qemu-arm-static')
    expect(line).toMatch(/^:qemu-arm:M::.*:\/usr\/bin\/qemu-arm-static:OCF$/)
    const [, , , , magic = '', mask = ''] = line.split(':')
    expect(magic.match(/\\x../g)).toHaveLength(17)
    expect(mask.match(/\\x../g)).toHaveLength(20)
  })
  test('keeps argv[0] of a program if QEMU supports it', () => {
    expect(registration('qemu-arm', '/usr/libexec/qemu-binfmt/arm-binfmt-P')).toMatch(
      /:\/usr\/libexec\/qemu-binfmt\/arm-binfmt-P:POCF$/,
    )
  })
  test('that is unknown is refused', () => {
    expect(() => registration('qemu-none', '/x')).toThrow(/no ELF header/)
  })
})

test('the registry serves loopback only, and lets tests delete', () => {
  expect(registryConfiguration(5000, '/data')).toMatch(
    /rootdirectory: \/data[\s\S]*delete: \{enabled: true\}[\s\S]*127\.0\.0\.1:5000/,
  )
  expect(registryConfiguration(5000, '/data')).not.toContain('auth')
  expect(containerArguments(5000, 'one', '/files')).toEqual(
    expect.arrayContaining(['REGISTRY_HTTP_ADDR=127.0.0.1:5000', 'REGISTRY_STORAGE_DELETE_ENABLED=true']),
  )
  expect(containerArguments(5000, 'one', '/files').join(' ')).not.toMatch(/AUTH|volume/)
})

test('the registry can ask for the password, or for tokens of a service', () => {
  const service = { realm: 'http://localhost:1/token', service: 'tests', issuer: 'one', certificate: 'PEM' }
  const password = accessSettings('password', '/files')
  expect(registryConfiguration(0, '/data', password)).toContain(
    'auth: {"htpasswd":{"realm":"tests","path":"/files/htpasswd"}}',
  )
  expect(registryConfiguration(0, '/data', accessSettings(service, '/files'))).toContain(
    '"issuer":"one","rootcertbundle":"/files/certificate.pem"',
  )
  expect(containerArguments(0, 'one', '/files', password)).toEqual(
    expect.arrayContaining([
      '/files:/files:ro',
      'REGISTRY_AUTH=htpasswd',
      'REGISTRY_AUTH_HTPASSWD_PATH=/files/htpasswd',
    ]),
  )
})

test.each([
  ['go version go1.26.8 linux/amd64', true],
  ['go version go1.21 linux/amd64', true],
  ['go version go1.19.8 linux/amd64', false],
  ['', false],
])('%p can fetch newer versions of Go: %p', (text, expected) => {
  expect(isGoRecent(text)).toBe(expected)
})
