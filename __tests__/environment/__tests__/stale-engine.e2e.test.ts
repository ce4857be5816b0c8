import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWith } from '../describe-with.ts'
import { run } from '../machine/command.ts'

const once = resolve(import.meta.dirname, 'engine-once.ts')

/** What an engine lives on, emptied for one namespace: nothing of the machine's own engine is seen or touched. */
const ownWorld = [
  'for folder in /run /var/lib/docker /var/log /var/tmp; do mount -t tmpfs tmpfs $folder; done',
  'mkdir -p /run/lock',
  'daemon() { cat /run/docker.pid; }',
  'containerd() { cat /run/docker/containerd/containerd.pid; }',
  // The shell is the parent of all here, and takes leave of those that ended whenever it waits for another.
  'end() { kill "$@"; shift; for pid; do while [ -e /proc/$pid ]; do sleep 0.1; done; done; }',
].join('\n')

/** Runs a script as root among processes, mounts and a network of its own; gives the lines of JSON it printed. */
async function inOwnWorld(script: string): Promise<{ readonly lines: readonly string[]; readonly missing: object }[]> {
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const command = [
    ...root,
    ...[
      'env',
      '--unset=DOCKER_HOST',
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--mount-proc',
      '--net',
      '--propagation',
      'private',
    ],
    ...['sh', '-euc', `${ownWorld}\nonce() { "${process.execPath}" "${once}"; }\n${script}`],
  ]
  const { stdout, stderr, code } = await run(command[0] ?? '', command.slice(1))
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describeWith(['classic-engine'], 'an engine that was not shut down properly', () => {
  test.concurrent.each([
    ['is used without a restart while it answers', 'once; once', ['started', 'found']],
    [
      'is restarted if it was killed but its containerd still runs',
      'once; end -9 $(daemon); once',
      ['started', 'started'],
    ],
    [
      'is restarted if it and its containerd were killed',
      'once; end -9 $(daemon) $(containerd); once',
      ['started', 'started'],
    ],
    [
      'is restarted if its process ID now belongs to another program, which keeps running',
      'once; end -9 $(daemon) $(containerd); sleep 1000 & echo $! >/run/docker.pid; once; kill -0 $!',
      ['started', 'started'],
    ],
    [
      'is restarted if its socket is dead',
      'once; end -TERM $(daemon); touch /run/docker.sock; once',
      ['started', 'started'],
    ],
    [
      'keeps its networks if it was killed, and bridges and rules of deleted networks are removed',
      [
        'once; id=$(docker network create kept); end -9 $(daemon) $(containerd)',
        'ip link add br-0123456789ab type bridge; ip addr add 172.30.32.2/23 dev br-0123456789ab',
        'iptables -t nat -A POSTROUTING -s 172.30.32.0/23 ! -o br-0123456789ab -j MASQUERADE',
        'once; bridge=br-$(echo $id | cut -c 1-12); iptables -t nat -S POSTROUTING >/run/rules',
        'ip link show $bridge >&2; ! ip link show br-0123456789ab >&2',
        'grep -q -- "-o $bridge " /run/rules; ! grep br-0123456789ab /run/rules >&2',
      ].join('\n'),
      ['started', 'started'],
    ],
  ])(
    '%s',
    async (_, script, expected) => {
      const runs = await inOwnWorld(script)
      expect(runs.map(({ missing }) => missing)).toEqual(expected.map(() => ({})))
      expect(runs.map(({ lines }) => /engine +(\w+)/.exec(lines.at(-1) ?? '')?.[1])).toEqual(expected)
    },
    180_000,
  )
})
