import { testImages } from '../rule-tests.ts'

testImages('secret/history', {
  reports: [
    [
      'a build argument',
      {
        history: [
          { created_by: 'ADD' },
          { created_by: 'RUN |2 VERSION=1 MQTT_PASSWORD=very secret /bin/sh -c make # buildkit' },
        ],
      },
      { message: 'The history of the image shows the value of MQTT_PASSWORD.' },
    ],
    [
      'a token in a command',
      {
        history: [
          { created_by: 'ADD' },
          { created_by: `RUN /bin/sh -c curl -H ghp_${'a'.repeat(36)} https://x # buildkit` },
        ],
      },
      { message: 'The history of the image shows a GitHub token.' },
    ],
  ],
  accepts: [
    [
      'other arguments',
      {
        history: [
          { created_by: 'ADD' },
          { created_by: 'RUN |2 A=1 TOKEN= /bin/sh -c X_TOKEN=$(cat /run/secrets/x) make' },
        ],
      },
    ],
  ],
})
