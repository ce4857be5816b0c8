import { testDockerfiles } from '../rule-tests.ts'
import { builder, clean, withLines } from '../subjects.ts'

testDockerfiles('secret/build-argument', {
  reports: [
    [withLines('ARG GITHUB_TOKEN'), 2],
    [`${builder}ARG NPM_TOKEN\n${clean}`, 2],
  ],
  accepts: [[withLines('ARG VERSION', 'ARG TOKENS_PER_MINUTE=5')]],
})
