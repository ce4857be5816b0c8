import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseEndpoints } from '../../src/inputs/endpoints.ts'

const nodes = (text: string) => parseEndpoints(text).nodes.map(({ endpoint, platforms }) => [endpoint, ...platforms])
const problems = (text: string) => parseEndpoints(text).problems.map(({ problem }) => problem)

describe('the nodes of a builder', () => {
  test.each([
    ['nothing', '\n# none\n', []],
    ['an address', 'tcp://builder.example:1234', [['tcp://builder.example:1234']]],
    ['an address of IPv6', 'tcp://[::1]:1234', [['tcp://[::1]:1234']]],
    ['a host behind SSH', 'SSH://root@arm-host', [['ssh://root@arm-host']]],
    ['a host behind SSH with a port', 'ssh://me@arm:2222', [['ssh://me@arm:2222']]],
    ['a socket', 'unix:///run/user/1000/buildkit.sock', [['unix:///run/user/1000/buildkit.sock']]],
    ['a Docker context', 'default', [['default']]],
    [
      'a query with an equals sign',
      'kubernetes:///x?deployment=a&kubeconfig=b',
      [['kubernetes:///x?deployment=a&kubeconfig=b']],
    ],
    [
      'several, each with its platforms by any name',
      'amd64 = default\r\n\r\nlinux/arm64,arm/v7=ssh://root@arm\n',
      [
        ['default', 'linux/amd64'],
        ['ssh://root@arm', 'linux/arm64', 'linux/arm/v7'],
      ],
    ],
    ['a platform that is named twice for one node', 'arm64,aarch64=default', [['default', 'linux/arm64']]],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual([])
    expect(nodes(text)).toEqual(expected)
  })

  test.each([
    ['an option', '--platform=linux/arm64', 'line 1: "--platform" is not a platform.'],
    ['an option alone', '-v', 'line 1: "-v" is neither an address nor the name of a Docker context.'],
    ['an option for ssh as its host', 'ssh://-oProxyCommand=x', 'line 1: "ssh://-oProxyCommand=x" is not an address.'],
    [
      'an option for ssh as its user',
      'ssh://-oProxyCommand@host',
      'line 1: "-oProxyCommand" is not a valid user name.',
    ],
    ['a password', 'ssh://me:secret@host', 'line 1: an address must not contain a password.'],
    ['no port', 'tcp://builder', 'line 1: "tcp://builder" has no port.'],
    ['an invalid port', 'tcp://builder:99999', 'line 1: "99999" is not a port.'],
    ['an address for browsers', 'https://builder:1234', 'line 1: "https://" is not a supported scheme.'],
    ['a socket without its path', 'unix://buildkit.sock', 'line 1: a socket needs an absolute path.'],
    ['a platform without an address', 'arm64=', 'line 1: a node has no address.'],
    ['spaces', 'tcp://a:1 tcp://b:2', 'line 1: "tcp://a:1 tcp://b:2" contains spaces.'],
    ['a wrong line among others', '# nodes\n\namd64=default\nmips=ssh://root@old', 'line 4: "mips" is not a platform.'],
    [
      'a platform of two nodes',
      'arm64=ssh://root@a\naarch64=ssh://root@b',
      'line 2: linux/arm64 is already assigned to the node in line 1.',
    ],
  ])('refuse %s, at its line', (_, text, expected) => {
    expect(problems(text)).toEqual([expected])
  })

  test('report all errors', () => {
    expect(problems('-x\ntcp://a\ndefault')).toHaveLength(2)
  })

  test('never begin with a dash, nor does a user or host in them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `ssh://${text}`),
        ),
        (text) => {
          for (const [endpoint = ''] of nodes(text)) {
            expect(endpoint).not.toMatch(/^-/)
            expect(endpoint).not.toMatch(/\/\/-|@-|\s/)
          }
        },
      ),
    )
  })
})
