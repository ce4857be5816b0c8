import { expect, test } from '@jest/globals'
import { describeSmoke } from '../../src/smoke/describe.ts'

test('a result reads as a log: verdict, checks, evidence', () => {
  const lines = describeSmoke({
    status: 'failed',
    readiness: 'HEALTHCHECK',
    reason: 'not ready',
    durationMs: 1,
    diagnostics: [
      { severity: 'error', code: 'a/b', message: 'One.', remedy: '', where: { file: 'c', line: 2, column: 3 } },
      { severity: 'error', code: 'a/b', message: 'Two.', remedy: 'Do.' },
    ],
    checks: [
      { name: 'starts', status: 'pass', reason: 'started' },
      { name: 'healthy', status: 'fail', reason: 'not ready', durationMs: 1500 },
      { name: 'stops', status: 'pass', reason: 'stopped in 1.5 s', durationMs: 1500 },
    ],
    evidence: {
      state: 'running, starting',
      outOfMemory: false,
      probes: [
        { at: 0, durationMs: 20, exitCode: 1, output: 'two\nlines' },
        { at: 1, durationMs: 30, exitCode: 1, output: '' },
        { at: 2, durationMs: 1500, exitCode: 1, output: '' },
      ],
      stdout: ['out'],
      stderr: [],
      diff: ['A /state'],
      supervisorCalls: ['GET /info → 200'],
      reproduce: 'docker run x',
      image: 'sha256:1',
      emulated: true,
    },
  })
  expect(lines).toEqual([
    'Smoke test failed: not ready',
    '  ready when: HEALTHCHECK',
    '  ✓ starts: started',
    '  ✗ healthy: not ready (1.5 s)',
    '  ✓ stops: stopped in 1.5 s',
    '  options (2):',
    '    c:2:3: One.',
    '    Two. Do.',
    '  state: running, starting',
    '  image: sha256:1 (emulated)',
    '  probes (3):',
    '    exit code 1 after 20 ms: two',
    '    lines',
    '    2 times exit code 1 after 30 ms to 1.5 s',
    '  stdout:',
    '    out',
    '  changed files:',
    '    A /state',
    '  calls to the Supervisor:',
    '    GET /info → 200',
    '  to reproduce it (without a Supervisor):',
    '    docker run x',
  ])
})
