import { testImages } from '../rule-tests.ts'

testImages('image/world-writable', {
  reports: [
    ['a file', { layers: [[{ path: 'etc/app.conf', content: 'x', mode: 0o666 }]] }, {}],
    [
      'a folder, once for all in it',
      {
        layers: [
          [
            { path: 'srv/', mode: 0o777 },
            { path: 'srv/a', content: 'x', mode: 0o666 },
          ],
        ],
      },
      { message: 'Any user can write to /srv.' },
    ],
  ],
  accepts: [
    ['a folder with the sticky bit', { layers: [[{ path: 'srv/', mode: 0o1777 }]] }],
    ['a folder that is closed again', { layers: [[{ path: 'srv/', mode: 0o777 }], [{ path: 'srv/', mode: 0o755 }]] }],
    ['a link', { layers: [[{ path: 'a', type: '2', link: 'bin/sh', mode: 0o777 }]] }],
  ],
})
