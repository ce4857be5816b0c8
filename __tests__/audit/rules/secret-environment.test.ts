import { testDockerfiles, testImages } from '../rule-tests.ts'
import { withLines } from '../subjects.ts'

testDockerfiles('secret/environment', {
  reports: [
    [withLines('ENV MQTT_PASSWORD=hunter22'), 2],
    [withLines('ENV A=1 \\', '  API_TOKEN="abc def"'), 2],
    [withLines(`ENV SETTING=ghp_${'a'.repeat(36)}`), 2],
  ],
  accepts: [
    [withLines('ENV MQTT_PASSWORD= DB_PASSWORD_FILE=/run/secrets/db TOKEN=/run/secrets/t PWD=x')],
    [withLines('ENV TOKENIZER=fast KEYBOARD=us GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305')],
  ],
})

testImages('secret/environment', {
  reports: [['a token in ENV', { config: { Env: ['API_TOKEN=abcdef'] } }, { severity: 'error' }]],
  accepts: [['a place of a secret', { config: { Env: ['TOKEN_FILE=/run/secrets/x', 'PASSWORD='] } }]],
})
