import { inputVariables } from './action-file.ts'
import { parseCommandFile } from './command-file.ts'
import { dotnetWhiteSpace, parseCommand } from './commands.ts'
import { contextOf, contextVariables } from './context.ts'
import { evaluate } from './expressions.ts'
import { createLog } from './log.ts'
import { createMasker } from './masks.ts'

describe('a command in a line', () => {
  test.each([
    ['::error::Text', { name: 'error', properties: {}, message: 'Text' }],
    ['  ::notice::Text', { name: 'notice', properties: {}, message: 'Text' }],
    [
      '::error file=a%2Cb.yaml,line=3,title=x%3Ay::one%0Atwo %25',
      { name: 'error', properties: { file: 'a,b.yaml', line: '3', title: 'x:y' }, message: 'one\ntwo %' },
    ],
    ['::warning::%2C is kept', { name: 'warning', properties: {}, message: '%2C is kept' }],
    ['::add-mask::a::b', { name: 'add-mask', properties: {}, message: 'a::b' }],
    ['text ##[group]Title', { name: 'group', properties: {}, message: 'Title' }],
    ['::set-output name=x::1', { name: 'set-output', properties: { name: 'x' }, message: '1' }],
  ])('%j', (line, expected) => {
    expect(parseCommand(line)).toEqual(expected)
  })

  test('may follow any white space of .NET', () => {
    expect(dotnetWhiteSpace).toHaveLength(25)
    for (const space of dotnetWhiteSpace) expect(parseCommand(`${space} ::error::x`)?.name).toBe('error')
    expect(parseCommand(`${dotnetWhiteSpace.join('')}::error::x`)?.name).toBe('error')
  })

  test.each([
    '\ufeff::error::x',
    '\u200b::error::x',
    '\u001b[0m::error::x',
    'text ::error::x',
    '::error',
    '::nothing::x',
    '#5 ::',
    '::::',
  ])('%j is only text', (line) => {
    expect(parseCommand(line)).toBeUndefined()
  })
})

describe('a file of commands', () => {
  test.each([
    ['a=1\nb=x=y\n', { a: '1', b: 'x=y' }],
    ['a<<END\none\n\ntwo=2\nEND\nb=1\n', { a: 'one\n\ntwo=2', b: '1' }],
    ['a<<END\nEND\n', { a: '' }],
    ['a=x<<y\n', { a: 'x<<y' }],
    ['a<<END=1\nx\nEND=1\n', { a: 'x' }],
    ['a=1\na=2\n', { a: '2' }],
    ['a=\r\n', { a: '' }],
    ['', {}],
  ])('%j', (text, expected) => {
    expect(parseCommandFile(text)).toEqual(expected)
  })

  test.each([
    ['just text\n', 'Invalid format'],
    ['=1\n', 'must not be empty'],
    ['a<<END\none\n', 'delimiter not found'],
    ['<<END\nEND\n', 'must not be empty'],
  ])('%j is refused', (text, why) => {
    expect(() => parseCommandFile(text)).toThrow(why)
  })
})

describe('the default of an input', () => {
  const contexts = { github: { token: 'T', actor: '', event: { number: 7 } }, runner: { temp: '/t' } }
  test.each([
    ['plain', 'plain'],
    [`\${{ github.token }}`, 'T'],
    [`\${{runner.temp}}/report`, '/t/report'],
    [`\${{ github.event.number }}`, '7'],
    [`\${{ github.nothing }}`, ''],
    [`\${{ github.actor || 'nobody' }}`, 'nobody'],
    [`\${{ false }}`, 'false'],
  ])('%j', (text, expected) => {
    expect(evaluate(text, contexts)).toBe(expected)
  })

  test.each([`\${{ hashFiles(x) }}`, `\${{ secrets.TOKEN }}`, `\${{ github.a == 1 }}`])(
    '%j is not supported',
    (text) => {
      expect(() => evaluate(text, contexts)).toThrow()
    },
  )
})

describe('the variables of the inputs', () => {
  const action = {
    inputs: {
      'max-size': {},
      'With Space': { default: 'x' },
      token: { default: `\${{ github.token }}` },
      flag: { default: false },
    },
    outputs: [],
    using: 'node24',
    main: '',
  }
  test('have upper-case names with dashes but without spaces', () => {
    expect(inputVariables(action, { 'MAX-size': '5%' }, { github: { token: 'T' } })).toEqual({
      'INPUT_MAX-SIZE': '5%',
      INPUT_WITH_SPACE: 'x',
      INPUT_TOKEN: 'T',
      INPUT_FLAG: 'false',
    })
  })

  test('are an error for an unknown input', () => {
    expect(() => inputVariables(action, { 'max-sise': '1' }, { github: {} })).toThrow('max-sise')
  })
})

describe('the context of a run', () => {
  const repository = { full_name: 'octo/addons', default_branch: 'trunk' }
  const pull = {
    number: 7,
    merge_commit_sha: 'm',
    head: { ref: 'fix', sha: 'h' },
    base: { ref: 'main', sha: 'b' },
  }
  test.each([
    ['push', { ref: 'refs/heads/x', after: 'c' }, { ref: 'refs/heads/x', sha: 'c' }],
    ['push', { ref: 'refs/tags/v1', after: 'c' }, { ref: 'refs/tags/v1', sha: 'c' }],
    ['pull_request', { pull_request: pull }, { ref: 'refs/pull/7/merge', sha: 'm', headRef: 'fix', baseRef: 'main' }],
    ['pull_request_target', { pull_request: pull }, { ref: 'refs/heads/main', sha: 'b', headRef: 'fix' }],
    ['release', { release: { tag_name: 'v1.2.3' } }, { ref: 'refs/tags/v1.2.3' }],
    ['schedule', { repository }, { ref: 'refs/heads/trunk' }],
  ])('%s %j', (name, payload, expected) => {
    expect(contextOf({ name, payload })).toMatchObject(expected)
  })

  test('can be overridden, and becomes variables', () => {
    const run = contextOf(
      { name: 'release', payload: { repository, release: { tag_name: 'v1' } }, runAttempt: 2 },
      { apiUrl: 'http://x' },
    )
    expect(contextVariables(run, 'release')).toMatchObject({
      GITHUB_REF_TYPE: 'tag',
      GITHUB_REF_NAME: 'v1',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_REPOSITORY_OWNER: 'octo',
      GITHUB_API_URL: 'http://x',
    })
  })
})

describe('the log', () => {
  test('masks each line of a value after the command that adds it', () => {
    const log = createLog(createMasker(['known']))
    for (const line of ['known secret', '::add-mask::secret', 'a secret', '::add-mask::one%0Atwo', 'one and two'])
      log.add(line)
    expect(log.visible()).toBe('*** secret\na ***\n*** and ***')
    expect(log.leaksOf('secret')).toEqual(['known secret', 'a secret'])
  })

  test('also finds leaks in commands', () => {
    const log = createLog()
    log.add('::error::one%0Atwo')
    expect(log.leaksOf('one\ntwo')).toHaveLength(1)
  })

  test('ignores commands while they are stopped', () => {
    const log = createLog()
    for (const line of ['::stop-commands::go', '::error::x', '::go::', '::error::y', '::debug::z']) log.add(line)
    expect(log.commands.map(({ message }) => message)).toEqual(['go', 'y', 'z'])
    expect(log.visible()).toBe('::error::x\nError: y')
  })
})
