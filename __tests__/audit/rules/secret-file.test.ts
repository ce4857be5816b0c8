import { expect } from '@jest/globals'
import { secretKey } from '../images.ts'
import { testImages } from '../rule-tests.ts'

testImages('secret/file', {
  reports: [
    ['a private key', { layers: [[{ path: 'app/key.pem', content: secretKey }]] }, { severity: 'error' }],
    [
      'a private key that is deleted later',
      { layers: [[{ path: 'app/key.pem', content: secretKey }], [{ path: 'app/.wh.key.pem' }]] },
      { message: '/app/key.pem contains a private key. A later layer hides the file, but it can still be read.' },
    ],
    [
      'the key of an SSH server, which every device would share',
      { layers: [[{ path: 'etc/ssh/ssh_host_ed25519_key', content: secretKey, mode: 0o600 }]] },
      { fix: expect.stringContaining('ssh-keygen -A') as unknown as string },
    ],
    ['a login of npm', { layers: [[{ path: 'root/.npmrc', content: '//npm.example/:_authToken=abcdefghij\n' }]] }, {}],
  ],
  accepts: [
    ['a certificate', { layers: [[{ path: 'app/ca.pem', content: '-----BEGIN CERTIFICATE-----\nMIIB\n' }]] }],
    [
      'a test key of a library',
      { layers: [[{ path: 'usr/lib/python3/site-packages/x/key.pem', content: secretKey }]] },
    ],
    ['a key of the base', { base: [{ path: 'etc/ssl/snake.key', content: secretKey }] }],
    [
      'a template',
      { layers: [[{ path: 'app/x.yaml', content: `key: |\n  -----BEGIN PRIVATE KEY-----\n  {{ key }}\n` }]] },
    ],
  ],
})
