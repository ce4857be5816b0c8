import { testImages } from '../rule-tests.ts'

testImages('image/empty-password', {
  reports: [
    ['root without one', { layers: [[{ path: 'etc/shadow', content: 'root::1:0:::::\n' }]] }, { severity: 'error' }],
    ['of the base as well', { base: [{ path: 'etc/shadow', content: 'root::1:0:::::\n' }] }, {}],
    ['in passwd', { layers: [[{ path: 'etc/passwd', content: 'app::5:5:x:/:/bin/sh\n' }]] }, {}],
  ],
  accepts: [
    [
      'a base that is mended',
      {
        base: [{ path: 'etc/shadow', content: 'root::1:0:::::\n' }],
        layers: [[{ path: 'etc/shadow', content: 'root:!:1:0:::::\n' }]],
      },
    ],
  ],
})
