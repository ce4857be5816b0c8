import { expect, test } from '@jest/globals'
import { run } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { bare, idle, notExecutable, second, servicePath, third, unsure, v2, v3 } from '../s6.ts'
import { addon, audit, based, clean, contextOf } from '../subjects.ts'

testDockerfiles('image/not-executable', {
  severities: [
    ['a service of s6-overlay 3', bare(v3), 'error', notExecutable(servicePath)],
    ['a service of s6-overlay 2', bare(v2), undefined, notExecutable(servicePath)],
    ['a service of an s6-overlay that is not known', bare(unsure), 'notice', notExecutable(servicePath)],
    [
      'a service that s6-overlay does not start',
      based(v3).replace('--chmod=0755 ', ''),
      'notice',
      notExecutable(servicePath),
    ],
    ['a script of cont-init.d of s6-overlay 2', bare(v2), undefined, notExecutable('etc/cont-init.d/a.sh')],
  ],
})

testImages('image/not-executable', {
  reports: [
    ['the entrypoint', { layers: [[{ path: 'run.sh', content: '#!/bin/sh\n', mode: 0o644 }]] }, { severity: 'error' }],
    ['a service of s6', { layers: [[{ path: 'etc/services.d/a/run', content: '#!/bin/sh\n', mode: 0o644 }]] }, {}],
    [
      'a service of s6-overlay 3',
      { base: third, layers: [[idle]], config: { Entrypoint: ['/init'] } },
      { severity: 'error' },
    ],
    ['a service that another program starts, or none', { base: third, layers: [[idle]] }, { severity: 'notice' }],
    [
      'the entrypoint beneath s6-overlay 2',
      { base: second, layers: [[{ ...run, mode: 0o644 }]], config: { Entrypoint: ['/init'], Cmd: ['/run.sh'] } },
      { severity: 'error' },
    ],
  ],
  accepts: [
    ['a script that is sourced', { layers: [[{ path: 'opt/lib.sh', content: '#!/bin/sh\n' }]] }],
    [
      'an s6-rc service, which s6 compiles',
      { layers: [[{ path: 'etc/s6-overlay/s6-rc.d/a/up', content: '#!/bin/sh\n' }]] },
    ],
    [
      'a service of s6-overlay 2, which sets the right itself',
      { base: second, layers: [[idle]], config: { Entrypoint: ['/init'] } },
    ],
  ],
})

testImages('image/crlf-script', {
  reports: [
    [
      'the entrypoint',
      { layers: [[{ path: 'run.sh', content: '#!/bin/sh\r\necho\r\n', mode: 0o755 }]] },
      { severity: 'error' },
    ],
    [
      'a helper script of a package',
      { layers: [[{ path: 'app/node_modules/x/cli.js', content: '#!/usr/bin/env node\r\n', mode: 0o755 }]] },
      { severity: 'notice' },
    ],
  ],
  accepts: [['a text', { layers: [[{ path: 'a.txt', content: 'a\r\nb\r\n' }]] }]],
})

const script = { path: 'rootfs/etc/services.d/a/run', crlf: false, executable: true }

test.each([
  ['image/crlf-script', { ...script, crlf: true }],
  ['image/not-executable', { ...script, executable: false }],
] as const)('%s checks the scripts of the context before a build', (rule, wrong) => {
  expect(audit(clean.replace(' --chmod=0755', ''), { context: contextOf({}, [wrong]) })).toMatchObject([
    { rule, where: { file: 'addon/rootfs/etc/services.d/a/run', line: 1 } },
  ])
  expect(audit(clean, { context: contextOf({}, [script]) })).toEqual([])
})

test('leaves the permission to the image if the Dockerfile sets it', () => {
  const context = contextOf({}, [{ ...script, executable: false }])
  expect(audit(clean, { context })).toEqual([])
})

test('reports files of an add-on in the root of the repository by their path', () => {
  const target = addon({ context: '.' })
  const context = contextOf({}, [{ ...script, crlf: true }])
  expect(audit(clean, { context, target })).toMatchObject([{ where: { file: 'rootfs/etc/services.d/a/run' } }])
})
