import { expect, test } from '@jest/globals'
import { evaluateUser, user } from '../../../src/smoke/checks/user.ts'
import { readProcesses } from '../../../src/smoke/container/processes.ts'
import { checkResult } from '../../../src/smoke/gates.ts'

const noGates = new Map()
const evaluate = (...args: Parameters<typeof evaluateUser>) => checkResult(user, evaluateUser(...args), noGates)

test('the user of the first process is reported', () => {
  const sample = readProcesses(
    'PID PPID UID MINFL COMMAND\n7 5 1000 9 /sbin/docker-init -- /run.sh\n8 7 0 9 /bin/sh /run.sh\n',
  )
  expect(evaluate([sample], false)).toMatchObject({ status: 'pass', reason: 'process 1 runs as user 1000' })
  const root = [readProcesses('PID PPID UID MINFL COMMAND\n7 5 0 9 /run.sh\n')]
  expect(evaluate(root, false).status).toBe('pass')
  expect(evaluate(root, true).status).toBe('warn')
  expect(evaluate([], false).status).toBe('skip')
})
