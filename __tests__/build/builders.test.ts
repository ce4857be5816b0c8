import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { BuilderOptions } from '../../src/build/builders/builder.ts'
import { chooseBuilder, withImage } from '../../src/build/builders/choose.ts'
import { createArguments, inspectArguments } from '../../src/build/builders/create.ts'
import { explain, explainSsh } from '../../src/build/builders/failure.ts'
import { buildsHere, buildsNatively, plannedNodes, readInspection } from '../../src/build/builders/nodes.ts'
import { explainConnection, sshArguments, tooOld } from '../../src/build/builders/probe.ts'
import { tlsFiles, tlsOptions } from '../../src/build/builders/tls.ts'
import type { Host } from '../../src/core/host.ts'
import { buildkitImage } from '../../src/core/pins.ts'
import type { Engine } from '../../src/docker/engine.ts'

const engine = (store: Engine['store']): Engine => ({
  version: '28',
  store,
  machine: 'x64',
  context: 'rootless',
  insecureRegistries: [],
})
const options = (changes = {}) => ({
  driver: 'auto' as const,
  driverOptions: [],
  endpoints: [],
  endpointTls: {},
  ...changes,
})
const arm = { endpoint: 'ssh://root@arm', platforms: ['linux/arm64', 'linux/arm/v7'] } as const
const here = { endpoint: 'default', platforms: ['linux/amd64'] } as const

describe('the builder', () => {
  const owned = { name: 'aicleaner-build-7', owned: true }
  test.each([
    ['auto on a containerd store', options(), 'containerd', { name: 'rootless', driver: 'docker', owned: false }],
    ['auto on the classic store', options(), 'classic', { ...owned, driver: 'docker-container' }],
    [
      'auto with options',
      options({ driverOptions: ['network=host'] }),
      'containerd',
      { ...owned, driver: 'docker-container' },
    ],
    [
      'auto with a configuration',
      options({ buildkitdConfig: 'a = 1' }),
      'containerd',
      { ...owned, driver: 'docker-container' },
    ],
    ['docker', options({ driver: 'docker' }), 'classic', { name: 'rootless', driver: 'docker', owned: false }],
    ['remote', options({ driver: 'remote', endpoints: [arm] }), 'containerd', { ...owned, driver: 'remote' }],
    ['kubernetes', options({ driver: 'kubernetes' }), 'containerd', { ...owned, driver: 'kubernetes' }],
    ['an existing one', options({ builder: 'farm' }), 'classic', { name: 'farm', driver: 'other', owned: false }],
    [
      'an existing one in place of a driver',
      options({ builder: 'farm', driver: 'remote', endpoints: [arm] }),
      'classic',
      { name: 'farm', driver: 'other', owned: false },
    ],
  ] as const)('for %s', (_, chosen, store, expected) => {
    const { planned } = chooseBuilder(chosen, engine(store), { runId: '7' } as Host)
    expect(planned).toMatchObject(expected)
  })

  test('of the engine itself starts nothing', async () => {
    const chosen = options({ driver: 'docker' })
    const { planned, open } = chooseBuilder(chosen, engine('classic'), { runId: '7' } as Host)
    expect(await open()).toBe(planned)
  })
})

describe('what creates it', () => {
  const builder = { name: 'b', driver: 'docker-container' } as const
  test.each([
    [
      'one machine, at once',
      createArguments(builder, {}, 0, { driverOptions: ['image=x', 'network=host'], bootstrap: true }),
      '--name b --driver docker-container --driver-opt image=x --driver-opt network=host --bootstrap',
    ],
    [
      'a remote daemon behind TLS',
      createArguments({ name: 'b', driver: 'remote' }, { endpoint: 'tcp://build:1234' }, 0, {
        driverOptions: tlsOptions({ cacert: '/t/ca.pem', cert: '/t/c.pem', key: '/t/k.pem' }),
      }),
      '--name b --driver remote --driver-opt cacert=/t/ca.pem --driver-opt cert=/t/c.pem --driver-opt key=/t/k.pem -- tcp://build:1234',
    ],
    [
      'a second node with its platforms',
      createArguments(builder, arm, 1, { driverOptions: [], configFile: '/tmp/buildkitd.toml' }),
      '--name b --driver docker-container --append --platform linux/arm64,linux/arm/v7 --buildkitd-config /tmp/buildkitd.toml -- ssh://root@arm',
    ],
    [
      'pods of a cluster',
      createArguments({ name: 'b', driver: 'kubernetes' }, {}, 0, {
        driverOptions: [
          'image=x',
          'namespace=builds',
          '"nodeselector=kubernetes.io/arch=arm64,disk=ssd"',
          'replicas=2',
        ],
      }),
      '--name b --driver kubernetes --driver-opt image=x --driver-opt namespace=builds --driver-opt "nodeselector=kubernetes.io/arch=arm64,disk=ssd" --driver-opt replicas=2',
    ],
    [
      'pods of a cluster that an address names',
      createArguments({ name: 'b', driver: 'kubernetes' }, { endpoint: 'kubernetes:///c?kubeconfig=/k' }, 0, {
        driverOptions: [],
      }),
      '--name b --driver kubernetes -- kubernetes:///c?kubeconfig=/k',
    ],
  ])('%s', (_, args, expected) => {
    expect(args.join(' ')).toBe(`buildx create ${expected}`)
  })

  test('is inspected by name, which is never parsed as an option', () => {
    expect(inspectArguments('b', true)).toEqual(['buildx', 'inspect', '--bootstrap', '--', 'b'])
  })

  test.each([
    ['the pinned BuildKit', ['network=host'], [`image=${buildkitImage}`, 'network=host']],
    ['the one that the user names', ['network=host', 'image=mine'], ['network=host', 'image=mine']],
    ['the one that the user names among others', ['network=host,image=mine'], ['network=host,image=mine']],
    ['the one that the user names in quotes', ['"image=mine"'], ['"image=mine"']],
  ])('in a container has %s', (_, given, expected) => {
    expect(withImage(given)).toEqual(expected)
  })

  test('quotes the path of a certificate that has a comma in it', () => {
    expect(tlsOptions({ cacert: '/a,b/ca.pem' })).toEqual(['"cacert=/a,b/ca.pem"'])
  })
})

const inspection = `Name:          farm
Driver:        docker-container
Last Activity: 2026-11-24 16:37:42 +0000 UTC

Nodes:
Name:             farm0
Endpoint:         default
Driver Options:   image="moby/buildkit:v0.32.0" network="host"
Status:           running
BuildKit version: v0.32.0
Platforms:        linux/amd64*, linux/amd64/v2, linux/amd64/v3, linux/386
Labels:
 org.mobyproject.buildkit.worker.executor:         oci
GC Policy rule#0:
 All:            false
 Keep Duration:  48h0m0s

Name:      farm1
Endpoint:  ssh://root@arm
Status:    inactive
Buildkit:  v0.12.5
Platforms: linux/arm64, linux/arm/v7, linux/arm/v6

Name:      farm2
Endpoint:  tcp://old:1234
Error:     dial tcp: no such host
`

describe('the output of buildx about a builder', () => {
  const { driver, nodes } = readInspection(inspection)

  test('is parsed for all versions', () => {
    expect(driver).toBe('docker-container')
    expect(nodes).toEqual([
      {
        name: 'farm0',
        endpoint: 'default',
        running: true,
        buildkit: 'v0.32.0',
        given: ['linux/amd64'],
        able: ['linux/amd64', 'linux/386'],
      },
      {
        name: 'farm1',
        endpoint: 'ssh://root@arm',
        running: false,
        buildkit: 'v0.12.5',
        given: [],
        able: ['linux/arm64', 'linux/arm/v7', 'linux/arm/v6'],
      },
      {
        name: 'farm2',
        endpoint: 'tcp://old:1234',
        running: false,
        problem: 'dial tcp: no such host',
        given: [],
        able: [],
      },
    ])
  })

  test.each([
    ['v0.32.0', undefined],
    ['v0.13.0', undefined],
    ['v0.12.5', /runs BuildKit v0\.12\.5\. 0\.13 is the first/],
    // What distributions build may say this, and an engine's own BuildKit says nothing.
    ['v0.0.0+unknown', undefined],
    [undefined, undefined],
  ])('BuildKit %s', (buildkit, said) => {
    const problem = tooOld({
      name: 'n',
      endpoint: 'e',
      running: true,
      given: [],
      able: [],
      ...(buildkit && { buildkit }),
    })
    if (said) expect(problem?.message).toMatch(said)
    else expect(problem).toBeUndefined()
  })
})

describe('an architecture', () => {
  const given = plannedNodes([here, arm])
  const planned = (chosen: BuilderOptions) => chooseBuilder(chosen, engine('classic'), { runId: '7' } as Host).planned
  const { nodes: farm } = readInspection(inspection)
  test.each([
    ['amd64 on this machine alone', [], 'amd64', true, true],
    ['aarch64 on this machine alone', [], 'aarch64', false, true],
    ['amd64 on a node that is this machine', given, 'amd64', true, true],
    ['aarch64 on the node that it was given to', given, 'aarch64', true, false],
    ['i386 on nodes that nobody gave it to', given, 'i386', true, true],
    ['armv7 on a node that says itself what it can', farm, 'armv7', true, false],
    [
      'armv7 on a node that can only emulate it',
      readInspection(inspection.replace('linux/arm64, linux/arm/v7', 'linux/amd64, linux/arm/v7')).nodes,
      'armv7',
      false,
      false,
    ],
    ['amd64 in pods of a cluster', planned(options({ driver: 'kubernetes' })).nodes, 'amd64', true, false],
    [
      'aarch64 in a container behind a port of this machine',
      planned(options({ endpoints: [{ endpoint: 'tcp://127.0.0.1:2375', platforms: [] }] })).nodes,
      'aarch64',
      false,
      true,
    ],
  ] as const)('%s', (_, nodes, architecture, natively, onThisMachine) => {
    expect(buildsNatively(nodes, architecture, 'x64')).toBe(natively)
    expect(buildsHere(nodes, architecture)).toBe(onThisMachine)
  })
})

describe('the error', () => {
  const container = { name: 'b', driver: 'docker-container' } as const
  test.each([
    [
      'a missing image',
      '#1 pulling image reg:5000/nope:1 0.0s done\nERROR: Error response from daemon: failed to resolve reference "reg:5000/nope:1": reg:5000/nope:1: not found',
      'environment/no-buildkit-image',
      false,
    ],
    [
      'a registry that does not answer in time',
      '#1 pulling image moby/buildkit:v1 15.0s done\nERROR: Error response from daemon: failed to resolve reference "docker.io/moby/buildkit:v1": failed to do request: Head: net/http: TLS handshake timeout',
      'environment/no-buildkit-image',
      true,
    ],
    [
      'an option',
      'ERROR: failed to initialize builder b (b0): invalid driver option foo for docker-container driver',
      'environment/no-builder',
      false,
    ],
    [
      'a configuration',
      'ERROR: failed to parse buildkit config: (2, 1): unterminated array',
      'environment/no-builder',
      false,
    ],
    ['anything else', 'ERROR: something odd', 'environment/no-builder', true],
    ['no message of buildx', '', 'environment/no-builder', true],
  ])('with %s', (_, stderr, code, isTransient) => {
    expect(explain(stderr, container, { options: options() })).toMatchObject({ code, isTransient })
  })

  test('with an engine that does not respond contains its address', () => {
    const said =
      'ERROR: failed to initialize builder b (b0): Cannot connect to the Docker daemon at tcp://127.0.0.1:2375. Is the docker daemon running?'
    const endpoints = [{ endpoint: 'tcp://127.0.0.1:2375', platforms: [] }]
    expect(explain(said, container, { options: options({ endpoints }) })).toMatchObject({
      code: 'environment/builder-unreachable',
      message: expect.stringMatching(
        /^A node of the builder \(tcp:\/\/127\.0\.0\.1:2375\) does not answer: Cannot connect/,
      ),
    })
  })

  test('with a cluster explains what a job needs', () => {
    const said =
      'ERROR: failed to initialize builder k (k0): cannot determine Kubernetes namespace, specify manually: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable'
    expect(explain(said, { name: 'k', driver: 'kubernetes' }, { options: options() }).remedy).toMatch(/kubeconfig/)
  })

  test.each([
    ['Host key verification failed.', /ssh-keyscan -H arm/, false],
    ['root@arm: Permission denied (publickey).', /ssh-agent/, false],
    ['bash: line 1: buildctl: command not found', /Install "buildctl" there/, false],
    ['ssh: Could not resolve hostname arm: Name or service not known', /Check "endpoint"/, false],
    ['ssh: connect to host arm port 22: Connection refused', /Check "endpoint"/, true],
    ['error: dial unix /run/buildkit/buildkitd.sock: connect: no such file', /Start buildkitd there/, false],
  ])('behind SSH: %s', (stderr, remedy, isTransient) => {
    const explanation = explainSsh('arm', stderr, 'buildctl')
    expect(explanation).toMatchObject({ code: 'environment/builder-ssh', isTransient })
    expect(explanation.remedy).toMatch(remedy)
  })

  test.each([
    ['ECONNREFUSED', '', false, 'environment/builder-unreachable', true],
    ['ENOTFOUND', '', true, 'environment/builder-unreachable', false],
    ['ECONNRESET', '', false, 'environment/builder-tls', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', true, 'environment/builder-tls', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not in the list', true, 'environment/builder-tls', false],
  ])('by the connection: %s %s (certificates: %s)', (code, message, secure, expected, isTransient) => {
    const thrown = Object.assign(new Error(message), { code })
    expect(explainConnection(thrown, 'tcp://b:1', secure)).toMatchObject({ code: expected, isTransient })
  })

  test('is determined with the ssh command of BuildKit, without prompts', () => {
    expect(sshArguments('ssh://me@arm:2222').slice(5)).toEqual([
      '-l',
      'me',
      '-p',
      '2222',
      '--',
      'arm',
      'buildctl',
      'dial-stdio',
    ])
    expect(sshArguments('ssh://arm').slice(5)).toEqual(['--', 'arm', 'buildctl', 'dial-stdio'])
  })
})

describe('certificates', () => {
  test('that are paths are files of the workspace, and no folder is made for them', async () => {
    const files = await tlsFiles({ cacert: 'ca.pem', key: '/keys/key.pem' }, { workspace: '/w', temporary: '/nowhere' })
    expect(files).toEqual({ cacert: '/w/ca.pem', key: '/keys/key.pem' })
  })

  test('that are text become files for this user alone', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'tls-'))
    try {
      const pem = (name: string) => `-----BEGIN ${name}-----\nx\n-----END ${name}-----`
      const given = { cert: `\n${pem('CERTIFICATE')}\n\n`, key: pem('PRIVATE KEY') }
      const files = await tlsFiles(given, { workspace: '/w', temporary })
      expect(files).toEqual({ cert: join(temporary, 'tls', 'cert.pem'), key: join(temporary, 'tls', 'key.pem') })
      expect(readFileSync(String(files.cert), 'utf8')).toBe(`${pem('CERTIFICATE')}\n`)
      const modes = [join(temporary, 'tls'), String(files.key)].map((path) => statSync(path).mode & 0o777)
      expect(modes).toEqual([0o700, 0o600])
    } finally {
      rmSync(temporary, { recursive: true })
    }
  })

  test('with quotes in their path are quoted', () => {
    expect(tlsOptions({ key: '/a"b' })).toEqual(['"key=/a""b"'])
  })
})

describe('the output of buildx about nodes', () => {
  test('is read by its keys, with platforms as they are given and as they are able', () => {
    const text = [
      'Name: b',
      'Driver: docker-container',
      'Status: stopped',
      '',
      'Nodes:',
      'Endpoint: too early',
      'Name: b0',
      'Endpoint: unix:///var/run/docker.sock',
      'Status: running',
      'BuildKit version: v0.32.0',
      'Platforms: linux/arm64*, linux/amd64, linux/amd64/v2, linux/riscv64',
      'Labels:',
      ' Name: not a node',
      'Name: b1',
      'Endpoint: ssh://arm',
      'Status: inactive',
      'Error: no way: there',
    ].join('\n')
    expect(readInspection(text)).toEqual({
      driver: 'docker-container',
      nodes: [
        {
          name: 'b0',
          endpoint: 'unix:///var/run/docker.sock',
          running: true,
          buildkit: 'v0.32.0',
          given: ['linux/arm64'],
          able: ['linux/amd64'],
        },
        { name: 'b1', endpoint: 'ssh://arm', running: false, problem: 'no way: there', given: [], able: [] },
      ],
    })
    expect(readInspection('')).toEqual({ driver: '', nodes: [] })
    expect(readInspection('Nodes:\nName: b\n').nodes).toEqual([
      { name: 'b', endpoint: '', running: false, given: [], able: [] },
    ])
  })

  test('is not yet known of nodes that are only planned', () => {
    expect(plannedNodes([arm])).toEqual([
      { name: '0', endpoint: 'ssh://root@arm', running: false, given: ['linux/arm64', 'linux/arm/v7'], able: [] },
    ])
  })

  test.each([
    ['tcp://10.0.0.1:1234', false],
    ['tcp://localhost:1234', true],
    ['tcp://127.0.0.1:1234', true],
    ['tcp://[::1]:1234', true],
    ['ssh://arm', false],
    ['kube-pod://x', false],
    ['unix:///run/tcp://x', true],
    ['default', true],
  ])('says of the endpoint %s whether it is this machine: %s', (endpoint, here) => {
    expect(buildsHere([{ name: '0', endpoint, running: true, given: [], able: [] }], 'amd64')).toBe(here)
  })

  test.each([
    ['amd64', 'linux/amd64', true],
    ['aarch64', 'linux/arm64', true],
    ['armv7', 'linux/arm/v7', true],
    ['armhf', 'linux/arm/v6', true],
    ['i386', 'linux/386', true],
    ['amd64', 'linux/arm64', false],
    ['aarch64', 'linux/amd64', false],
  ] as const)('says that %s is native to a node of %s: %s', (architecture, own, natively) => {
    const platform = { amd64: 'linux/amd64', aarch64: 'linux/arm64', armv7: 'linux/arm/v7' } as const
    const able = [own, ...Object.values(platform)]
    expect(buildsNatively([{ name: '0', endpoint: '', running: true, given: [], able }], architecture, 'riscv')).toBe(
      natively,
    )
  })
})
