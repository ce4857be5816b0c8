import { testDockerfiles, testImages } from '../rule-tests.ts'
import { clean } from '../subjects.ts'

testDockerfiles('image/slow-healthcheck', {
  reports: [[clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=2m30s'), 4]],
  accepts: [
    [clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=5m --start-period=60s --start-interval=2s')],
    [clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=90s')],
  ],
})

testImages('image/slow-healthcheck', {
  reports: [['an interval of 5 min', { config: { Healthcheck: { Test: ['CMD', 'x'], Interval: 300e9 } } }, {}]],
})
