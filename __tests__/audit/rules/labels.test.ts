import { config } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { addon, clean, withLines } from '../subjects.ts'

testDockerfiles('image/labels', {
  reports: [
    [clean, 1, { target: addon({ labels: new Map() }) }],
    [withLines('LABEL io.hass.url="https://x/{arch}"'), 2],
  ],
  accepts: [[withLines('LABEL io.hass.url="https://x/y" org.example="{arch}"')]],
})

testImages('image/labels', {
  reports: [
    ['none', { config: { Labels: {} } }, {}],
    ['a placeholder', { config: { Labels: { ...config.Labels, 'io.hass.arch': '{arch}' } } }, { severity: 'warning' }],
  ],
})
