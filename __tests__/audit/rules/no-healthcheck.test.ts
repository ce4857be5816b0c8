import { expect, test } from '@jest/globals'
import { runConfig } from '../../fixtures/target.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { addon, audit, clean } from '../subjects.ts'

testDockerfiles('image/no-healthcheck', {
  reports: [
    [clean.replace(/HEALTHCHECK.*\n/, ''), 1],
    [clean.replace(/HEALTHCHECK.*/, 'HEALTHCHECK NONE'), 4],
  ],
})

testImages('image/no-healthcheck', {
  reports: [
    ['none', { config: { Healthcheck: undefined } }, {}],
    ['NONE', { config: { Healthcheck: { Test: ['NONE'] } } }, {}],
  ],
})

test('accepts an add-on that does its work and exits', () => {
  const target = addon({ run: runConfig({ init: false, startup: 'once' }) })
  expect(audit(clean.replace(/HEALTHCHECK.*\n/, ''), { target })).toEqual([])
})

test('is a notice if config.yaml has a watchdog', () => {
  const target = addon({ run: runConfig({ init: false, watchdog: 'tcp://[HOST]:80' }) })
  expect(audit(clean.replace(/HEALTHCHECK.*\n/, ''), { target })).toMatchObject([
    { rule: 'image/no-healthcheck', severity: 'notice' },
  ])
})
