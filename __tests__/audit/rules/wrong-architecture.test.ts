import { elf } from '../../image/samples/elf.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/wrong-architecture', {
  reports: [
    [
      'a program for arm64',
      { layers: [[{ path: 'usr/bin/tool', content: elf(183), mode: 0o755 }]] },
      { severity: 'error' },
    ],
    [
      'a library that is only carried along',
      { layers: [[{ path: 'opt/lib/node_modules/x/prebuilds/arm/x.so', content: elf(40) }]] },
      { severity: 'notice', bytes: 512 },
    ],
    [
      'a prebuilt module for other machines, in the folder of the app',
      { layers: [[{ path: 'app/node_modules/x/prebuilds/linux-arm/x.node', content: elf(40), mode: 0o755 }]] },
      { severity: 'notice' },
    ],
  ],
  accepts: [
    ['programs of 32 bits on a machine of 64', { layers: [[{ path: 'usr/bin/t', content: elf(3), mode: 0o755 }]] }],
  ],
})
