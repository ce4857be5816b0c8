import { afterAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { checkOf, file, firstRunOnly, makeHost, pool, removeFolders, trySmoke } from './smoke-fixture.ts'

const limitMs = 180_000

/** Runs the command, and stays up if it succeeds. */
const staysUpAfter = (command: string) => ({
  lines: [
    `CMD ${JSON.stringify(['sh', '-c', `${command} || exit 9; trap "exit 0" TERM; touch /tmp/ok; sleep 1000 & wait`])}`,
    'HEALTHCHECK CMD test -e /tmp/ok',
  ],
})

describeWith(['engine', 'bases'], 'a tested add-on', () => {
  const run = pool(4)
  const host = makeHost()
  afterAll(removeFolders)

  test.concurrent(
    'resolves the names of a device, with and without their domain, and its own',
    () =>
      run(async () => {
        const lastNumbers = { supervisor: 2, hassio: 2, homeassistant: 1, 'home-assistant': 1, dns: 3, observer: 6 }
        const program = [
          'import socket',
          `for name, last in ${JSON.stringify(lastNumbers)}.items():`,
          '    for host in (name, name + ".local.hass.io"):',
          '        assert socket.gethostbyname(host).endswith(".%d" % last), host',
          'own = socket.gethostbyname(socket.gethostname())',
          'assert socket.gethostbyname("local-my-addon") == own',
          'assert socket.gethostbyname("local-my-addon.local.hass.io") == own',
          'assert socket.getfqdn() == "local-my-addon.local.hass.io", socket.getfqdn()',
          'assert "search local.hass.io" in open("/etc/resolv.conf").read()',
        ].join('\n')
        const image = { ...staysUpAfter('python3 /names.py'), base: 'python' as const, name: 'device-names' }
        const lines = [file('/names.py', program), ...image.lines]
        expect(await trySmoke({ ...image, lines }, host)).toMatchObject({ status: 'passed' })
      }),
    limitMs,
  )

  test.concurrent.each([
    [
      'has the folder of the sound server, and its configuration',
      'test -d /run/audio && ! touch /run/audio/x && grep -q default-server /etc/pulse/client.conf && grep -q pulse /etc/asound.conf',
      { featureFlags: new Set(['audio'] as const) },
    ],
    [
      'can wait for its standard input',
      // `read` would end at once, and `timeout` ends it after a second.
      '{ timeout 1 sh -c "read line"; test $? -ge 124; }',
      { featureFlags: new Set(['stdin'] as const) },
    ],
    [
      'has an option of type float as Python writes it',
      `grep -q '"level": 1.0' /data/options.json`,
      { options: { level: 1 }, schema: { level: 'float' } },
    ],
    [
      'has the folders of the new map types',
      'touch /local_apps/x /app_configs/x',
      {
        map: [
          { type: 'local_apps', readOnly: false },
          { type: 'all_app_configs', readOnly: false },
        ],
      },
    ],
  ])(
    '%s',
    (name, command, config) =>
      run(async () => {
        const result = await trySmoke({ ...staysUpAfter(command), name: `device-${name.length}`, run: config }, host)
        expect(result).toMatchObject({ status: 'passed' })
      }),
    limitMs,
  )

  test.concurrent(
    'gets the options that it has set at its next start, and its other data',
    () =>
      run(async () => {
        const post = `wget -q -O /dev/null --header "Authorization: Bearer $SUPERVISOR_TOKEN" --post-data '{"options":{"level":7}}' http://supervisor/addons/self/options`
        const config = { hassioApi: true, options: { level: 5 }, schema: { level: 'int' } }
        const result = await trySmoke(
          {
            ...staysUpAfter(
              `if [ -e /data/seen ]; then grep -q '"level": 7' /data/options.json || exit 8; else ${post} && touch /data/seen; fi`,
            ),
            ...{ name: 'device-set', run: config },
            options: { smokeChecks: new Map([...firstRunOnly, ['restart', 'fail']]) },
          },
          host,
        )
        expect(result).toMatchObject({ status: 'passed' })
        expect(checkOf(result, 'restart')).toMatchObject({ status: 'pass' })
      }),
    limitMs,
  )

  test.concurrent(
    'has the mounts of smoke-run-args at the paths where the test has its own, in each run',
    () =>
      run(async () => {
        const command = ['/tmp', '/dev/shm', '/run', '/var/tmp', '/run/audio']
          .map((path) => `grep -q " ${path} tmpfs .*size=64k" /proc/mounts`)
          .join(' && ')
        const result = await trySmoke(
          {
            ...staysUpAfter(command),
            ...{ name: 'device-own', run: { tmpfs: true, featureFlags: new Set(['audio'] as const) } },
            options: {
              smokeRunArguments: [
                ...['--tmpfs', '/tmp:size=64k', '--tmpfs=/dev/shm:size=64k', '--tmpfs', '/run:size=64k'],
                ...['--tmpfs', '/var/tmp:size=64k', '--mount', 'type=tmpfs,target=/run/audio,tmpfs-size=65536'],
              ],
              smokeChecks: new Map([...firstRunOnly, ['read-only', 'fail']]),
            },
          },
          host,
        )
        expect(result).toMatchObject({ status: 'passed' })
        expect(checkOf(result, 'read-only')).toMatchObject({ status: 'pass' })
      }),
    limitMs,
  )
})
