import { expect } from '@jest/globals'
import { elf } from '../../image/samples/elf.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/missing-interpreter', {
  reports: [
    [
      'the entrypoint needs bash',
      { layers: [[{ path: 'run.sh', content: '#!/bin/bash\n', mode: 0o755 }]] },
      { severity: 'error', message: '/bin/bash is not in the image, but is needed by /run.sh.' },
    ],
    [
      'env does not find python3',
      { layers: [[{ path: 'opt/x', content: '#!/usr/bin/env -S python3 -u\n', mode: 0o755 }]] },
      { severity: 'warning', message: 'python3 is not in the image, but is needed by /opt/x.' },
    ],
    [
      'a program of another C library',
      { layers: [[{ path: 'usr/bin/tool', content: elf(62, '/lib/ld-musl-x86_64.so.1'), mode: 0o755 }]] },
      { fix: expect.stringMatching(/glibc or musl/) as unknown as string },
    ],
    [
      'a virtual environment without its Python',
      {
        layers: [
          [
            { path: 'opt/venv/bin/python3', type: '2', link: '/usr/local/bin/python3' },
            { path: 'opt/venv/bin/pip', content: '#!/opt/venv/bin/python3\n', mode: 0o755 },
          ],
        ],
      },
      {},
    ],
    [
      'a helper script of a package',
      { layers: [[{ path: 'app/node_modules/x/build.sh', content: '#!/bin/bash\n', mode: 0o755 }]] },
      { severity: 'notice' },
    ],
    [
      'what a package brings for another init system',
      { layers: [[{ path: 'etc/sv/ssh/run', content: '#!/lib/runit/invoke-run\n', mode: 0o755 }]] },
      { severity: 'notice' },
    ],
  ],
  accepts: [
    [
      'links to the interpreter',
      {
        layers: [
          [
            { path: 'usr/bin/bash', type: '2', link: '../../bin/sh' },
            { path: 'x', content: '#!/usr/bin/bash -e\n', mode: 0o755 },
          ],
        ],
      },
    ],
    ['what comes with the start', { layers: [[{ path: 'x', content: '#!/run/tool\n', mode: 0o755 }]] }],
    ['a file that is not to be executed', { layers: [[{ path: 'usr/share/x', content: '#!/bin/nothing\n' }]] }],
  ],
})
