import { apk, pack } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { withLines } from '../subjects.ts'

testDockerfiles('image/virtual-leftover', {
  reports: [
    [withLines('RUN apk add --no-cache --virtual .build-deps zlib'), 2],
    [withLines('RUN apk add --no-cache -t=.deps zlib && apk del .other'), 2],
  ],
  accepts: [
    [withLines('RUN apk add --no-cache --virtual .build-deps zlib && make && apk del --no-network .build-deps')],
  ],
  severities: [
    [
      'a group that a later RUN deletes',
      withLines('RUN apk add --no-cache -t .build gcc', 'RUN apk del .build'),
      undefined,
    ],
    [
      'a group of packages for run time',
      withLines('RUN apk add --no-cache --virtual .run-deps libjpeg nginx'),
      undefined,
    ],
    ['a group that may be for run time', withLines('RUN apk add --no-cache --virtual .mjpeg libjpeg nginx'), 'notice'],
    ['a group that holds headers', withLines('RUN apk add --no-cache --virtual .mjpeg libjpeg-turbo-dev'), 'warning'],
    ['a group to build with', withLines('RUN apk add --no-cache -t .build-deps git'), 'warning'],
  ],
})

testImages('image/virtual-leftover', {
  reports: [
    [
      '.build-deps',
      { layers: [[apk(pack('.build-deps', 0, '\nD:zlib lz4>=1'), pack('zlib', 40), pack('lz4', 2))]] },
      { bytes: 42, message: 'The package group .build-deps is left installed.' },
    ],
    [
      'a group that may be for run time',
      { layers: [[apk(pack('.mjpeg', 0, '\nD:libjpeg'), pack('libjpeg', 40))]] },
      { severity: 'notice', bytes: 40 },
    ],
  ],
  accepts: [
    ['a group that went', { layers: [[apk(pack('.deps', 0))], [apk(pack('zlib', 1))]] }],
    ['a group for run time', { layers: [[apk(pack('.run-deps', 0, '\nD:libjpeg'), pack('libjpeg', 40))]] }],
  ],
})
