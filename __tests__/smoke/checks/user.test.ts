import { expect, test } from '@jest/globals'
import { evaluateUser } from '../../../src/smoke/checks/user.ts'
import { readProcesses } from '../../../src/smoke/container/processes.ts'

const noGates = new Map()

test('the user of the first process is reported', () => {
  const sample = readProcesses(
    'PID PPID UID MINFL COMMAND\n7 5 1000 9 /sbin/docker-init -- /run.sh\n8 7 0 9 /bin/sh /run.sh\n',
  )
  expect(evaluateUser([sample], noGates)).toMatchObject({ status: 'pass', reason: 'process 1 runs as user 1000' })
  const root = [readProcesses('PID PPID UID MINFL COMMAND\n7 5 0 9 /run.sh\n')]
  expect(evaluateUser(root, noGates).status).toBe('pass')
  expect(evaluateUser(root, new Map([['user', 'warn']])).status).toBe('warn')
  expect(evaluateUser([], noGates).status).toBe('skip')
})
