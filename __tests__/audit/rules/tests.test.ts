import { big } from '../images.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/tests', {
  reports: [
    [
      'tests of a library',
      { layers: [[{ path: 'opt/lib/site-packages/x/tests/a.py', content: big }]] },
      { bytes: 300_000 },
    ],
  ],
  accepts: [['a program called test', { layers: [[{ path: 'usr/bin/test', content: big, mode: 0o755 }]] }]],
})
