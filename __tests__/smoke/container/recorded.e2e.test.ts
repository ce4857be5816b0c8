import { expect, test } from '@jest/globals'
import { createContainer, docker, removeContainers } from '../../../src/docker/containers.ts'
import { labelsOf } from '../../../src/docker/labels.ts'
import { describeWith } from '../../environment/describe-with.ts'
import { baseImage, makeHost, native, removeFolders } from '../smoke-fixture.ts'
import { type DockerConfig, differences, recorded, specOf, unexplained } from './recorded-containers.ts'

interface Inspected {
  readonly Config: Omit<DockerConfig, 'HostConfig'>
  readonly HostConfig: DockerConfig['HostConfig']
}

describeWith(['engine', 'bases'], 'docker inspect', () => {
  // Each rare key is in one of them.
  test.each(['v_legacy', 'v_map', 'v_map3', 'v_rt', 'v_host', 'glances', 'rpc_shutdown', 'ssh'])(
    'shows a container of %s as the Supervisor makes it, apart from what is deliberate',
    async (name) => {
      const host = makeHost()
      const prefix = `aicleaner-${host.runId}`
      const { platform: _platform, network: _network, ...usual } = specOf(name)
      const spec = {
        ...{ ...usual, name: prefix, image: baseImage('tiny', native), labels: labelsOf(host.runId) },
        mounts: (usual.mounts ?? []).map((mount, index) => ({ ...mount, volume: `${prefix}-${index}` })),
      }
      try {
        expect(await createContainer(spec, host)).toEqual({ id: expect.any(String) })
        const { stdout } = await docker(host.processes, ['inspect', prefix])
        const [inspected] = JSON.parse(stdout) as readonly Inspected[]
        if (!inspected) throw new Error(stdout)
        const { Config, HostConfig } = inspected
        const ours: DockerConfig = {
          ...Config,
          // The image's own.
          Env: Config.Env.filter((variable) => !variable.startsWith('PATH=')),
          HostConfig: { ...HostConfig, NetworkMode: 'default' },
        }
        expect(unexplained(differences(recorded[name]?.config as DockerConfig, ours))).toEqual([])
      } finally {
        await removeContainers(host.processes, [prefix])
        await docker(host.processes, ['volume', 'rm', '--force', ...spec.mounts.map(({ volume }) => volume)])
        removeFolders()
      }
    },
    60_000,
  )
})
