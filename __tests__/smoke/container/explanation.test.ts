import { describe, expect, test } from '@jest/globals'
import { quoteExplanation } from '../../../src/smoke/container/explanation.ts'

const banner = [
  '-----------------------------------------------------------',
  ' Add-on: Example',
  ' An example with errors in its description',
  '-----------------------------------------------------------',
  ' Add-on version: 1.2.3',
  ' You are running the latest version of this add-on.',
  ' System: Debian GNU/Linux 12 (bookworm)  (amd64 / qemux86-64)',
  ' Home Assistant Core: 2026.8.3',
  ' Home Assistant Supervisor: 2026.08.0',
  '-----------------------------------------------------------',
  ' Please, share the above information when looking for help',
  ' or support in, e.g., GitHub, forums or the Discord chat.',
  '-----------------------------------------------------------',
]
const started = [
  's6-rc: info: service s6rc-oneshot-runner: starting',
  's6-rc: info: service legacy-cont-init: starting',
  'cont-init: info: running /etc/cont-init.d/example.sh',
  'services-up: info: copying legacy longrun example (no readiness notification)',
  's6-rc: info: service legacy-services successfully started',
]
const stopped = [
  's6-rc: info: service legacy-services: stopping',
  's6-rc: info: service legacy-services successfully stopped',
  's6-rc: info: service s6rc-oneshot-runner successfully stopped',
]
const traceback = [
  'Traceback (most recent call last):',
  '  File "/app/main.py", line 7, in <module>',
  '    connect()',
  'ConnectionRefusedError: [Errno 111] Connection refused',
]

interface Log {
  readonly stdout?: readonly string[]
  readonly stderr?: readonly string[]
}
const quote = ({ stdout = [], stderr = [] }: Log, orLast = true) => quoteExplanation({ stdout, stderr }, { orLast })

describe('the reason quotes', () => {
  test.each<[string, string, Log]>([
    [
      'the fatal error of bashio, without its color',
      '[02:58:05] FATAL: No MQTT broker found',
      {
        stdout: [...banner, '\u001b[31m[02:58:05] FATAL: No MQTT broker found\u001b[0m', '[02:58:05] ERROR: later'],
        stderr: [...started, 'cont-init: info: /etc/cont-init.d/example.sh exited 1', ...stopped],
      },
    ],
    [
      'a fatal error rather than an error before it',
      'FATAL: no config',
      { stderr: ['ERROR: retrying', 'FATAL: no config'] },
    ],
    [
      'the exception of Python',
      'ConnectionRefusedError: [Errno 111] Connection refused',
      { stderr: [...started, 'ERROR:root:failed', ...traceback, ...stopped] },
    ],
    [
      'the last exception that was raised while handling another',
      'RuntimeError: no broker',
      {
        stderr: [
          ...traceback,
          '',
          'During handling of the above exception, another exception occurred:',
          '',
          'Traceback (most recent call last):',
          '  File "/app/main.py", line 9, in <module>',
          'RuntimeError: no broker',
          'bye',
        ],
      },
    ],
    [
      'the error of Node',
      "Error: Cannot find module 'ws'",
      {
        stderr: [
          'node:internal/modules/cjs/loader:1228',
          '  throw err;',
          '  ^',
          '',
          "Error: Cannot find module 'ws'",
          'Require stack:',
          '- /app/index.js',
          '    at Function._resolveFilename (node:internal/modules/cjs/loader:1225:15)',
          'Node.js v22.4.0',
        ],
      },
    ],
    [
      'the panic of Go',
      'panic: runtime error: index out of range [3] with length 3',
      {
        stderr: [
          'panic: runtime error: index out of range [3] with length 3',
          '',
          'goroutine 1 [running]:',
          '\t/src/main.go:8 +0x1d',
          'exit status 2',
        ],
      },
    ],
    [
      'the level of a structured log',
      'time="2026-12-01T02:58:05Z" level=fatal msg="no config"',
      { stdout: ['time="2026-12-01T02:58:05Z" level=fatal msg="no config"'] },
    ],
    [
      'the error of nginx',
      'nginx: [emerg] host not found in upstream "homeassistant"',
      { stderr: ['nginx: [emerg] host not found in upstream "homeassistant"', ...stopped] },
    ],
    [
      'the exception of Java',
      'Exception in thread "main" java.lang.NullPointerException',
      { stderr: ['Exception in thread "main" java.lang.NullPointerException', '\tat Main.main(Main.java:5)'] },
    ],
    ['the first error', 'ERROR: one', { stdout: ['INFO: up', 'ERROR: one', 'ERROR: two'] }],
  ])('%s', (_, line, log) => {
    expect(quote(log)).toBe(`; it reported: ${line}`)
    expect(quote(log, false)).toBe(`; it reported: ${line}`)
  })

  test.each<[string, string, Log]>([
    [
      'that is not from s6',
      'run: line 3: foo: command not found',
      { stderr: [...started, 'run: line 3: foo: command not found', ...stopped] },
    ],
    [
      'that is neither from the banner nor from a finish script',
      '[02:58:05] INFO: Waiting for the database',
      {
        stdout: [
          ...banner,
          '[02:58:05] INFO: Waiting for the database',
          '[02:58:06] WARNING: Halt add-on with exit code 1',
          '[02:58:06] INFO: Service example exited with code 1 (by signal 0)',
        ],
        stderr: [...started, ...stopped],
      },
    ],
    ['of stderr', 'no broker', { stdout: ['trying'], stderr: ['no broker', ' '] }],
    ['that is no problem', 'done', { stdout: ['a non-fatal problem', '0 errors', 'log level is ERROR', 'done'] }],
    [
      'from s6 if there is no other',
      's6-rc: warning: unable to start service web: command exited 3',
      { stderr: ['s6-rc: info: x', 's6-rc: warning: unable to start service web: command exited 3'] },
    ],
  ])('the last line %s, if none explains', (_, line, log) => {
    expect(quote(log)).toBe(`; its last line: ${line}`)
    expect(quote(log, false)).toBe('')
  })

  test('nothing if there is no line', () => {
    expect(quote({})).toBe('')
    expect(quote({ stdout: [' '], stderr: [''] })).toBe('')
  })

  test('at most 200 characters', () => {
    expect(quote({ stderr: [`ERROR: ${'x'.repeat(900)}`] })).toHaveLength('; it reported: '.length + 200)
  })
})
