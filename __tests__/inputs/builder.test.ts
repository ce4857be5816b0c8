import { describe, expect, test } from '@jest/globals'
import { readCommandLine } from '../../src/cli/arguments.ts'
import { readInputs, secretsOf } from '../../src/inputs/read-inputs.ts'

const read = async (inputs: Readonly<Record<string, string>>) =>
  readInputs((name) => inputs[name] ?? '', { workspace: '/workspace', environment: {} })
const said = async (inputs: Readonly<Record<string, string>>) =>
  (await read(inputs)).diagnostics.map(({ code, message }) => `${code}: ${message}`)

const pem = '-----BEGIN PRIVATE KEY-----\nabc123\ndef456\n-----END PRIVATE KEY-----\n'

describe('the inputs about the builder', () => {
  test('set nodes with their platforms, and certificates unchanged', async () => {
    const { options, diagnostics } = await read({
      driver: 'remote',
      endpoint: 'amd64=tcp://a:1234\naarch64,armv7=tcp://b:1234',
      'endpoint-cacert': 'ca.pem',
      'endpoint-cert': 'cert.pem',
      'endpoint-key': pem,
    })
    expect(diagnostics).toEqual([])
    expect(options).toMatchObject({
      endpoints: [
        { endpoint: 'tcp://a:1234', platforms: ['linux/amd64'] },
        { endpoint: 'tcp://b:1234', platforms: ['linux/arm64', 'linux/arm/v7'] },
      ],
      endpointTls: { cacert: 'ca.pem', cert: 'cert.pem', key: pem.trim() },
    })
  })

  test.each([
    [
      'an existing builder and what would make another',
      { builder: 'b', driver: 'remote', endpoint: 'tcp://a:1' },
      /"builder": .*"driver", "endpoint" would have no effect/,
    ],
    [
      'an existing builder and options',
      { builder: 'b', 'driver-opts': 'network=host' },
      /"driver-opts" would have no effect/,
    ],
    [
      "the engine's own BuildKit and a configuration of it",
      { driver: 'docker', 'buildkitd-config': 'a = 1' },
      /"docker" is the BuildKit of the Docker engine, which "buildkitd-config" cannot configure/,
    ],
    ['an address that may be anything', { endpoint: 'tcp://a:1' }, /"endpoint": the type of this endpoint is unknown/],
    ['a remote builder without an address', { driver: 'remote' }, /the driver "remote" needs an endpoint/],
    [
      'a remote builder at a Docker context',
      { driver: 'remote', endpoint: 'default' },
      /"default" is a Docker context/,
    ],
    [
      'a remote builder with a configuration',
      { driver: 'remote', endpoint: 'tcp://a:1', 'buildkitd-config': 'a = 1' },
      /a remote BuildKit daemon has its own configuration/,
    ],
    [
      'certificates without a remote builder',
      { 'endpoint-cacert': 'ca.pem' },
      /certificates are only for "driver: remote"/,
    ],
    [
      'a certificate without its key',
      { driver: 'remote', endpoint: 'tcp://a:1', 'endpoint-cert': 'c.pem' },
      /"endpoint-key": a certificate and its key must be set together/,
    ],
    [
      'keyless signatures without the transparency log',
      { sign: 'keyless', 'transparency-log': 'false' },
      /"transparency-log": .*short-lived certificate/,
    ],
  ])('refuse %s', async (_, inputs, expected) => {
    expect(await said(inputs)).toEqual([expect.stringMatching(expected)])
  })

  test('report the line of an invalid node in the workflow', async () => {
    expect(await said({ driver: 'docker-container', endpoint: '\n\ndefault\n-x' })).toEqual([
      'input/bad-endpoint: Input "endpoint": line 4: "-x" is neither an address nor the name of a Docker context.',
    ])
  })

  test('have a key whose every line is masked, and a path that is not', () => {
    const secrets = (key: string) => secretsOf((name) => (name === 'endpoint-key' ? key : ''), {})
    expect(secrets(pem)).toEqual(['abc123', 'def456'])
    expect(secrets('keys/client.key')).toEqual([])
  })

  test('take a key from a command line only as a path', () => {
    const codes = (key: string) => readCommandLine(['run', '--endpoint-key', key]).diagnostics.map(({ code }) => code)
    expect(codes(`x${pem}`)).toEqual(['command/secret'])
    expect(codes('client.key')).toEqual([])
  })
})
