import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')

/** Names that only their authors understood, and the words that replaced them. */
const replaced: Readonly<Record<string, string>> = {
  Workshop: 'BuildSession',
  Desk: 'ActionOutputs, SupervisorMock',
  admit: 'register',
  Guest: 'AddonSession',
  Resident: 'the add-on under test',
  strangers: 'unauthenticated requests',
  enterStage: 'acquireTestNetwork',
  Trial: 'ContainerRun',
  Variation: 'RunOverrides',
  Surroundings: 'SmokeContext',
  Circumstances: 'SmokeContext',
  nudge: 'notify',
  CachedBefore: '(deleted)',
  Lane: 'LogGroup',
  BuildSetting: 'BuildxOptions',
  BuildEnd: 'BuildFailure',
  giveUp: 'disable',
  trouble: 'CacheFault',
  patience: 'timeout',
  withinClassic: 'limitToClassicStore',
  begun: 'hasStarted',
  theOne: 'selectResult',
  handName: 'localTag',
  byHand: 'reproduceCommand',
  wishes: 'feature flags',
  isLoud: 'isActionable',
  kin: 'compatible architectures',
  Ending: 'ActionResult',
  standin: 'fake, mock',
  'stand-in': 'fake, mock',
  testbed: 'environment',
  leash: 'watchdog',
}

/** Words that read like a translation. */
const avoided = [
  'stands? (?:for|in|on|at|beside|behind|there|alone)',
  'nobody',
  'whoever',
  'for want of',
  'what came of',
  'cannot be had',
  'is told',
  'let go of',
]

const files = globSync(['src/**/*.ts', 'docs/**/*.md', 'README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'action.yml'], {
  cwd: root,
})

/** `FILE:LINE: TEXT` of each line that matches. */
const linesWith = (pattern: RegExp): readonly string[] =>
  files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )

test.each(Object.entries(replaced))('sources and documentation do not say %s, but %s', (word) => {
  expect(linesWith(new RegExp(`\\b${word}\\b`))).toEqual([])
})

test.each(avoided)('sources and documentation avoid "%s"', (words) => {
  expect(linesWith(new RegExp(`\\b${words}\\b`, 'i'))).toEqual([])
})
