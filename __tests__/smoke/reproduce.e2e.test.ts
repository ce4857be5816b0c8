import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { isNative, platformOf } from '../../src/core/architecture.ts'
import { terminalLog } from '../../src/platform/log/terminal.ts'
import { localTag } from '../../src/smoke/container/reproduce.ts'
import { describeSmoke, smokeTest } from '../../src/smoke/smoke-test.ts'
import { describeWith } from '../environment/describe-with.ts'
import { target } from '../fixtures/target.ts'
import {
  buildFixture,
  file,
  firstRunOnly,
  makeHost,
  makeOptions,
  makeTarget,
  native,
  removeFolders,
} from './smoke-fixture.ts'

const limitMs = 180_000
const secret = `it's "so" $ecret\\`

/** Says all that it was given, and fails. */
const talker = [
  file(
    '/run.sh',
    [
      '#!/bin/sh',
      'cat /data/options.json',
      'echo',
      'echo "note: $NOTE"',
      'echo "host: $(hostname)"',
      'touch /share/x && echo "share is writable"',
      'touch /ssl/x 2>/dev/null || echo "ssl is not"',
      'echo "files: $(ulimit -n)"',
      'echo "the end" >&2',
      'exit 3',
    ].join('\n'),
  ),
  'CMD ["/run.sh"]',
]

describeWith(['engine', 'bases'], 'the command to reproduce a failure', () => {
  const host = makeHost({
    log: terminalLog(
      () => {},
      () => {},
    ),
  })
  const shell = (line: string) =>
    host.processes.exec('sh', ['-c', line], {
      timeoutMs: limitMs,
      environment: { TMPDIR: host.temporary },
      pass: ['DOCKER_HOST'],
    })
  const options = makeOptions({
    smokeChecks: firstRunOnly,
    smokeOptions: { api_key: secret, mqtt: { password: 'sesame-4711' } },
    smokeEnvironment: new Map([['MY_TOKEN', 'token-4711']]),
    smokeRunArguments: ['--env', 'OTHER_SECRET=argument-4711', '--cpus', '1'],
  })
  const run = {
    options: { text: 'a\\nb\t"c" $HOME `id` é', list: [1, true, null] },
    schema: false as const,
    environment: new Map([['NOTE', `two words, $HOME and it's "fine"`]]),
    map: [
      { type: 'share', readOnly: false },
      { type: 'ssl', readOnly: true },
    ],
    ulimits: new Map([['nofile', '2345']]),
  }
  const spoken = [
    `note: two words, $HOME and it's "fine"`,
    'host: local-my-addon',
    'share is writable',
    'ssl is not',
    'files: 2345',
  ]

  afterAll(removeFolders)

  test(
    'runs when it is pasted, ends as the test did, and holds no secret',
    async () => {
      const image = await buildFixture({ name: 'by-hand', lines: talker }, host)
      try {
        const result = await smokeTest(
          { target: makeTarget(run), reference: image, emulated: false, kept: true },
          options,
          host,
        )
        expect(result).toMatchObject({ status: 'failed', reason: expect.stringMatching(/exit code 3; .*the end/) })
        const { reproduce = '', stdout = [] } = result.evidence ?? {}
        const said = await shell(reproduce)
        expect(said).toMatchObject({ exitCode: 3, stderr: 'the end\n' })
        const lines = said.stdout.trimEnd().split('\n')
        expect(JSON.parse(lines[0] ?? '')).toEqual({
          ...run.options,
          api_key: '***',
          mqtt: { password: '***' },
        })
        expect(lines.slice(1)).toEqual(spoken)
        expect(stdout.slice(-5)).toEqual(spoken)
        for (const text of [JSON.stringify(result), describeSmoke(result).join('\n')]) {
          expect(text).not.toMatch(/4711|\$ecret/)
        }
      } finally {
        await host.processes.exec('docker', ['image', 'rm', '--force', image])
      }
    },
    limitMs,
  )

  test(
    'builds the image first where it is gone, from the root of the checkout',
    async () => {
      const root = mkdtempSync(join(tmpdir(), 'aicleaner-by-hand-'))
      const lines = [
        'ARG BUILD_FROM',
        'FROM $BUILD_FROM',
        'ARG NOTE',
        'RUN echo "$NOTE" > /note',
        'CMD cat /note; exit 7',
      ]
      mkdirSync(join(root, 'my addon'))
      writeFileSync(join(root, 'my addon', 'Dockerfile'), lines.join('\n'))
      const image = await buildFixture({ name: 'gone', lines: ['CMD exit 7'] }, host)
      const one = target({
        ...makeTarget({}, native, `hand-${host.runId}`),
        platform: platformOf(native),
        context: 'my addon',
        dockerfile: 'my addon/Dockerfile',
        buildArguments: new Map([
          ['BUILD_FROM', image],
          ['NOTE', `it's "built"`],
        ]),
      })
      try {
        const emulated = !isNative(native, process.arch)
        const result = await smokeTest({ target: one, reference: image, emulated }, options, host)
        const said = await shell(`cd '${root}' && ${result.evidence?.reproduce}`)
        expect(said).toMatchObject({ exitCode: 7, stdout: `it's "built"\n` })
      } finally {
        await host.processes.exec('docker', ['image', 'rm', '--force', image, localTag(one)])
        rmSync(root, { recursive: true, force: true })
      }
    },
    limitMs,
  )
})
