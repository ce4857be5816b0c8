import { afterAll, expect, test } from '@jest/globals'
import { docker } from '../../src/docker/containers.ts'
import { openContainerInspector } from '../../src/smoke/container/inspector.ts'
import { describeWith } from '../environment/describe-with.ts'
import { baseImage, makeHost, native, removeFolders } from './smoke-fixture.ts'

describeWith(['engine', 'bases'], 'the state of a container at the socket of the engine', () => {
  afterAll(removeFolders)

  test('equals that of the docker command, while it runs and after its end', async () => {
    const host = makeHost()
    const run = [
      'run',
      '--detach',
      '--health-cmd=test -e /written',
      '--health-interval=1s',
      '--health-start-interval=200ms',
    ]
    const program =
      'head -c 20000000 /dev/zero > /file; touch /written; sleep 300 & trap "exit 4" TERM; while :; do sleep 1 & wait $!; done'
    const started = await docker(host.processes, [...run, baseImage('tiny', native), 'sh', '-c', program])
    const id = started.stdout.trim()
    try {
      const atSocket = await openContainerInspector(id, host)
      const byDocker = await openContainerInspector(id, host, async () => undefined)
      const lasting = [`sh -c ${program}`, 'sleep 300']
      // Each is another moment: what moves on by itself is left out, probes among them.
      const seen = async (looks: typeof atSocket) => {
        const [state, processes] = [await looks.state(), await looks.processes()]
        const { health, ...rest } = state ?? {}
        return {
          state: { ...rest, health: health?.status },
          processes: processes
            ?.filter(({ command }) => lasting.includes(command))
            .map(({ pid, parent, uid, command }) => ({ pid, parent, uid, command })),
        }
      }
      while ((await atSocket.state())?.health?.status !== 'healthy') await host.clock.sleep(100)
      const running = await seen(atSocket)
      expect(running).toEqual(await seen(byDocker))
      expect(running.state).toMatchObject({ running: true, health: 'healthy' })
      expect(running.processes?.map(({ command }) => command)).toEqual(lasting)
      const probes = [(await byDocker.state())?.health?.probes, (await atSocket.state())?.health?.probes]
      expect(probes[1]).toEqual(expect.arrayContaining(probes[0]?.slice(-1) ?? []))
      const memory = [await atSocket.memory(), await byDocker.memory()].map((bytes) => bytes ?? 0)
      // The memory of this container hardly changes. With reclaimable cache it would be 20 MB.
      expect(Math.min(...memory)).toBeGreaterThan(0)
      expect(Math.max(...memory) - Math.min(...memory)).toBeLessThan(4_000_000)

      await docker(host.processes, ['stop', id])
      expect(await seen(atSocket)).toEqual(await seen(byDocker))
      expect(await seen(atSocket)).toMatchObject({ state: { running: false, exitCode: 4 } })
      expect([await atSocket.processes(), await atSocket.memory()]).toEqual([undefined, undefined])
      expect([await byDocker.processes(), await byDocker.memory()]).toEqual([undefined, undefined])
    } finally {
      await docker(host.processes, ['rm', '--force', id])
    }
    expect(await (await openContainerInspector(id, host)).state()).toBeUndefined()
  }, 120_000)
})
