import { describe, expect, test } from '@jest/globals'
import { crashLoops, readProcesses } from '../../../src/smoke/container/processes.ts'

test('a process list of any length is cut, and so are its lines', () => {
  const line = (pid: number) => ` ${pid} 1 0 5 ${'qemu-'.repeat(2000)}`
  const sample = readProcesses(
    ['PID PPID UID MINFL COMMAND', ...Array.from({ length: 3000 }, (_, n) => line(n))].join('\n'),
  )
  expect(sample).toHaveLength(1000)
  expect(Math.max(...sample.map(({ command }) => command.length))).toBeLessThan(512)
})

describe('a crash loop', () => {
  const top = (service: number, supervisor: string, command = 'python3 app.py', faults = 100) =>
    readProcesses(`PID PPID UID MINFL COMMAND\n10 1 0 ${faults} ${supervisor}\n${service} 10 0 7 ${command}\n`)

  test.each([
    ['s6', 's6-supervise web', 1],
    ['runit', 'runsv web', 1],
    ['supervisord', '/usr/bin/python3 /usr/bin/supervisord -c x', 1],
    ['a shell', '/bin/sh /run.sh', 0],
  ])('is detected below %s or not', (_, supervisor, loops) => {
    expect(crashLoops([top(11, supervisor), top(12, supervisor), top(13, supervisor)])).toHaveLength(loops)
  })

  test('is detected by the page faults of the supervisor if no sample has the service', () => {
    const sample = (faults: number, supervisor: string) => top(99, supervisor, 'sleep 1', faults)
    const samples = (supervisor: string) => [1, 2, 2, 3, 4].map((faults) => sample(faults, supervisor))
    expect(crashLoops(samples('/usr/bin/qemu-arm s6-supervise web'))).toEqual([
      { command: '/usr/bin/qemu-arm s6-supervise web', starts: 3 },
    ])
    // It may well start ten programs that end.
    expect(crashLoops(samples('supervisord'))).toEqual([])
    expect(crashLoops([sample(1, 'runsv web'), sample(2, 'runsv web'), sample(3, 'runsv web')])).toEqual([])
  })

  test('needs three starts of one service', () => {
    expect(crashLoops([top(11, 'runsv web'), top(11, 'runsv web'), top(12, 'runsv web')])).toEqual([])
    const supervisor = 'supervisord'
    expect(crashLoops([top(11, supervisor, 'a'), top(12, supervisor, 'b'), top(13, supervisor, 'c')])).toEqual([])
  })
})
