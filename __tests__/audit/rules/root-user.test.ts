import { expect, test } from '@jest/globals'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { addon, audit, clean, rulesOf } from '../subjects.ts'

testDockerfiles('image/root-user', {
  reports: [
    [clean.replace('USER nobody\n', ''), 1],
    [clean.replace('USER nobody', 'USER root'), 3],
    [clean.replace('USER nobody', 'USER 0'), 3],
    [clean.replace('USER nobody', 'USER 0:0'), 3],
    [clean.replace('USER nobody', 'ARG WHO=root\nUSER $WHO'), 4],
  ],
  accepts: [
    [clean.replace('USER nobody', 'USER 1000:0')],
    [clean.replace('USER nobody', 'ARG WHO=app\nUSER $WHO')],
    [`FROM base:1.0 AS a\nUSER app\n${clean.replace('FROM base:1.0', 'FROM a').replace('USER nobody\n', '')}`],
  ],
  severities: [
    ['a base that is not known', 'ARG BUILD_FROM\nFROM $BUILD_FROM\nCMD ["/run.sh"]\n', 'notice'],
    ['a base that is not known, and USER', 'ARG BUILD_FROM\nFROM $BUILD_FROM\nUSER 0\n', 'warning'],
  ],
})

testImages('image/root-user', {
  reports: [
    ['no USER', { config: { User: '' } }, { severity: 'warning' }],
    ['USER 0:0', { config: { User: '0:0' } }, { severity: 'warning' }],
    ['root under s6', { config: { User: '', Entrypoint: ['/init'] } }, { severity: 'notice' }],
  ],
})

test('takes the value that the build gives to an argument, not its default', () => {
  const dockerfile = clean.replace('USER nobody', 'ARG WHO=app\nUSER $WHO')
  const target = addon({ buildArguments: new Map([['WHO', 'root']]) })
  expect(rulesOf(audit(dockerfile, { target }))).toContain('image/root-user')
})

test('is a notice under s6-overlay, with a fix for services', () => {
  const dockerfile = clean.replace('["/run.sh"]', '["/init"]').replace('USER nobody\n', '')
  expect(audit(dockerfile)).toMatchObject(
    [{ rule: 'image/root-user', severity: 'notice', fix: /s6-setuidgid/ }].map(({ fix, ...rest }) => ({
      ...rest,
      fix: expect.stringMatching(fix),
    })),
  )
})
