import { expect, test } from '@jest/globals'
import { readProcesses } from '../../../src/smoke/container/processes.ts'

test('a process list of any length is cut, and so are its lines', () => {
  const line = (pid: number) => ` ${pid} 1 0 5 ${'qemu-'.repeat(2000)}`
  const looked = readProcesses(
    ['PID PPID UID MINFL COMMAND', ...Array.from({ length: 3000 }, (_, n) => line(n))].join('\n'),
  )
  expect(looked).toHaveLength(1000)
  expect(Math.max(...looked.map(({ command }) => command.length))).toBeLessThan(512)
})
