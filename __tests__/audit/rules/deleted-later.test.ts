import { big } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { withLines } from '../subjects.ts'

testDockerfiles('layer/deleted-later', {
  reports: [
    [withLines('RUN apk add --no-cache curl', 'RUN apk del curl'), 3],
    [withLines('RUN pip install x', 'RUN rm -rf /root/.cache'), 3],
    [withLines('COPY model.zip /tmp/', 'RUN unzip /tmp/model.zip && rm -f /tmp/model.zip'), 3],
  ],
  accepts: [
    [withLines('RUN apk add --no-cache -t .b gcc && make && apk del .b', 'RUN rm -rf /tmp/x')],
    [withLines('RUN pip install --no-cache-dir x', 'RUN rm -rf /root/.cache')],
    [withLines('COPY requirements.txt /tmp/', 'RUN cat /tmp/x && rm /tmp/requirements.txt')],
  ],
  severities: [
    [
      'a package that a later RUN uninstalls while it installs another',
      withLines('RUN apt-get install -y gcc', 'RUN apt-get install -y curl && apt-get purge -y gcc'),
      'warning',
    ],
    [
      'a group of the same name in two RUNs',
      withLines('RUN apk add -t .b gcc && apk del .b', 'RUN apk add -t .b gcc && apk del .b'),
      undefined,
    ],
  ],
})

testImages('layer/deleted-later', {
  reports: [
    [
      'a file',
      { layers: [[{ path: 'opt/model', content: big }], [{ path: 'opt/.wh.model' }]] },
      { bytes: 300_000, message: 'This layer deletes files of earlier layers: /opt/model.' },
    ],
  ],
  accepts: [
    ['what the base brought', { base: [{ path: 'opt/model', content: big }], layers: [[{ path: 'opt/.wh.model' }]] }],
    ['a small file', { layers: [[{ path: 'opt/a', content: 'x' }], [{ path: 'opt/.wh.a' }]] }],
  ],
})
