import { describe, expect, test } from '@jest/globals'
import { describeExit, describeStartError } from '../../../src/smoke/container/exit.ts'

describe('in words', () => {
  test.each([
    [0, 'exit code 0: ended without an error'],
    [1, 'exit code 1'],
    [125, 'exit code 125: the Docker daemon could not run it'],
    [126, 'exit code 126: the entrypoint is not executable'],
    [127, 'exit code 127: the entrypoint was not found'],
    [128, 'exit code 128'],
    [129, 'exit code 129: ended by signal 1'],
    [132, 'exit code 132: illegal instruction (SIGILL): built for another processor'],
    [134, 'exit code 134: aborted (SIGABRT)'],
    [136, 'exit code 136: arithmetic error (SIGFPE)'],
    [137, 'exit code 137: killed (SIGKILL)'],
    [139, 'exit code 139: segmentation fault (SIGSEGV)'],
    [141, 'exit code 141: broken pipe (SIGPIPE)'],
    [143, 'exit code 143: ended by SIGTERM without handling it'],
    [192, 'exit code 192: ended by signal 64'],
    [193, 'exit code 193'],
    [255, 'exit code 255'],
  ])('%i', (code, words) => {
    expect(describeExit(code)).toBe(words)
  })
  test.each([
    ['exec /x: exec format error', /another architecture/],
    ['stat /x: no such file or directory', /not found/],
    ['exec: "/x": permission denied', /not executable/],
    ['something else', /could not be started/],
  ])('%s', (said, words) => {
    expect(describeStartError(said)).toMatch(words)
  })
})
