import { big } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { withLines } from '../subjects.ts'

testDockerfiles('layer/chown-copy', {
  reports: [[withLines('COPY app /opt/app', 'RUN chown -R nobody /opt/app/'), 3]],
  accepts: [
    [withLines('COPY --chown=nobody app /opt/app', 'RUN chown -R nobody /opt/app')],
    [withLines('COPY app /opt/app', 'RUN chown nobody /opt/app /data && chown -R nobody /data')],
  ],
})

testImages('layer/chown-copy', {
  reports: [
    [
      'the same file twice',
      { layers: [[{ path: 'opt/model', content: big }], [{ path: 'opt/model', content: big }]] },
      { bytes: 300_000 },
    ],
  ],
  accepts: [
    ['other content', { layers: [[{ path: 'opt/m', content: big }], [{ path: 'opt/m', content: `${big}y` }]] }],
  ],
})
