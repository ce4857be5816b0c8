import { expect, test } from '@jest/globals'
import { maskSecrets } from '../../../src/smoke/options/secrets.ts'

test('secrets are masked by their name, or as passwords of the schema; short ones would blank out the log', () => {
  const masked: string[] = []
  const log = { mask: (secret: string) => void masked.push(secret) } as Parameters<typeof maskSecrets>[2]
  maskSecrets(
    {
      smokeOptions: {
        pin: 'hunter2000',
        mqtt: { password: 'sesame-1', host: 'broker.example' },
        list: [{ api_key: 'say "abc"' }],
        api_token: 'x1',
      },
      smokeServices: { mqtt: { host: 'broker.example', password: 'service-1' } },
      smokeEnvironment: new Map([
        ['MY_SECRET', 'environment-1'],
        ['MODE', 'production'],
      ]),
      smokeRunArguments: ['--env', 'A_TOKEN=argument-1', '--env=B_TOKEN=argument-2', '-eC_TOKEN=argument-3', '--x=y'],
    },
    { pin: 'password', mqtt: { password: 'str', host: 'str' } },
    log,
  )
  expect(masked).toEqual([
    'hunter2000',
    'sesame-1',
    'say "abc"',
    // As in options.json.
    'say \\"abc\\"',
    'service-1',
    'environment-1',
    'argument-1',
    'argument-2',
    'argument-3',
  ])
})
