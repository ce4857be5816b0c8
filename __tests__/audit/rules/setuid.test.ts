import { elf } from '../../image/samples/elf.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/setuid', {
  reports: [
    ['setuid', { layers: [[{ path: 'usr/bin/tool', content: elf(62), mode: 0o4755 }]] }, {}],
    ['setgid', { layers: [[{ path: 'usr/bin/tool', content: elf(62), mode: 0o2755 }]] }, {}],
  ],
  accepts: [
    [
      'a bit that goes again',
      {
        layers: [
          [{ path: 'usr/bin/t', content: 'x', mode: 0o4755 }],
          [{ path: 'usr/bin/t', content: 'x', mode: 0o755 }],
        ],
      },
    ],
  ],
})
