import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import { saidOf } from '../messages.ts'

const minimal = 'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
const read = (text: string) => readConfigFile(text, 'config.yaml')
const said = (text: string) => saidOf(read(text).diagnostics)
/** The minimal file with another line for a key that it has. */
const changed = (line: string) => minimal.replace(new RegExp(`^${line.slice(0, line.indexOf(':'))}: .*$`, 'm'), line)

test.each(
  Object.entries({
    '': 'error config/empty 1:1 The file is empty. Write at least name, version, slug, description and arch.',
    '# nothing': 'error config/empty 1:1 The file is empty. Write at least name, version, slug, description and arch.',
    '- a': 'error config/not-a-map 1:1 The file is a list, but must have names with values. Begin it with "name:".',
    hello: 'error config/not-a-map 1:1 The file is a string, but must have names with values. Begin it with "name:".',
    'name: x\nslug: y':
      'warning config/missing-key 1:1 "version", "description", "arch" are missing, so the Supervisor rejects the add-on. Add them.',
    'name: N\nversion: "1"\nslug: s\ndescription: d':
      'warning config/missing-key 1:1 "arch" is missing, so the Supervisor rejects the add-on. Add it.',
    'name: " "\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]':
      'warning config/missing-key 1:1 "name" is missing, so the Supervisor rejects the add-on. Add it.',
    'x: &n ""\nname: *n\nversion: [1]\nslug: s\ndescription: d\narch: [amd64]':
      'notice config/unknown-key 1:1 Unknown key "x"; the Supervisor ignores it. Remove it.\nerror config/not-a-text 3:10 "version" is a list, but must be a string. Write one string after the colon.\nwarning config/missing-key 2:1 "name" is missing, so the Supervisor rejects the add-on. Add it.',
  }),
)('the file %j is answered with %j', (text, expected) => {
  expect(said(text)).toBe(expected)
})

test.each(
  Object.entries({
    'slug: .git':
      'error config/bad-slug 3:7 ".git" is not a valid slug. Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
    'slug: a/b':
      'error config/bad-slug 3:7 "a/b" is not a valid slug. Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
    'slug: "a\\nb"':
      'error config/bad-slug 3:7 "a\\nb" is not a valid slug. Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
    'slug: a b':
      'error config/bad-slug 3:7 "a b" is not a valid slug. Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
    'slug: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx':
      'warning config/bad-slug 3:7 The slug is the host name of the add-on, which cannot be longer than 63 characters. The smoke test uses the first 63. Use a shorter slug.',
    'slug: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx': '',
    'slug: ""': 'warning config/missing-key 3:1 "slug" is missing, so the Supervisor rejects the add-on. Add it.',
    'slug: "  "': 'warning config/missing-key 3:1 "slug" is missing, so the Supervisor rejects the add-on. Add it.',
    'slug: -a.b_C9': '',
    'slug: éa':
      'error config/bad-slug 3:7 "éa" is not a valid slug. Use letters, digits, "-", "_" and ".", and no "." at the beginning.',
    'slug: 12':
      'warning config/not-quoted 3:7 The Supervisor reads "slug" as a number and rejects the add-on. Put it in quotes: "12".',
    'slug: [a]':
      'error config/not-a-text 3:7 "slug" is a list, but must be a string. Write one string after the colon.',
    'version: 3.10':
      'warning config/version-number 2:10 The Supervisor reads this version as the number 3.1 and looks for an image with that tag. Put it in quotes: "3.10".',
    'version: yes':
      'warning config/version-number 2:10 The Supervisor reads this version as True and looks for an image with that tag. Put it in quotes: "yes".',
    'version: no':
      'warning config/version-number 2:10 The Supervisor reads this version as False and looks for an image with that tag. Put it in quotes: "no".',
    'version: 1.0': '',
    'version: 2.50':
      'warning config/version-number 2:10 The Supervisor reads this version as the number 2.5 and looks for an image with that tag. Put it in quotes: "2.50".',
    'version: 2025.10':
      'warning config/version-number 2:10 The Supervisor reads this version as the number 2025.1 and looks for an image with that tag. Put it in quotes: "2025.10".',
    'version: 10': '',
    'version: 0x1F':
      'warning config/version-number 2:10 The Supervisor reads this version as the number 31 and looks for an image with that tag. Put it in quotes: "0x1F".',
    'version: 1e3': '',
    'version: 12345678901234567890': '',
    'version: 2020-01-01': '',
    'version: ~': 'warning config/missing-key 2:1 "version" is missing, so the Supervisor rejects the add-on. Add it.',
    'version: {a: 1}':
      'error config/not-a-text 2:10 "version" is a map, but must be a string. Write one string after the colon, in quotes if it begins with "{".',
    'version: " 1 "': '',
    'name: 5':
      'warning config/not-quoted 1:7 The Supervisor reads "name" as a number and rejects the add-on. Put it in quotes: "5".',
    'name: [5]':
      'error config/not-a-text 1:7 "name" is a list, but must be a string. Write one string after the colon.',
    'description: yes':
      'warning config/not-quoted 4:14 The Supervisor reads "description" as true or false and rejects the add-on. Put it in quotes: "yes".',
    'description: {a: b}':
      'error config/not-a-text 4:14 "description" is a map, but must be a string. Write one string after the colon, in quotes if it begins with "{".',
    'description: 2020-01-01':
      'warning config/not-quoted 4:14 The Supervisor reads "description" as a date and rejects the add-on. Put it in quotes: "2020-01-01".',
    'arch: amd64':
      'warning config/bad-value 5:7 "arch" is a string, but the Supervisor requires a list and rejects the add-on. Write "arch: [amd64, aarch64]".',
    'arch: {amd64: 1}':
      'warning config/bad-value 5:7 "arch" is a map, but the Supervisor requires a list and rejects the add-on. Write "arch: [amd64, aarch64]".\nerror config/unknown-architecture 5:7 An entry of "arch" is a map. Use one of: amd64, aarch64, armv7, armhf, i386.',
    'arch: [amd46]': 'error config/unknown-architecture 5:8 Architecture "amd46" is not known. Did you mean "amd64"?',
    'arch: [sparc]':
      'error config/unknown-architecture 5:8 Architecture "sparc" is not known. Use one of: amd64, aarch64, armv7, armhf, i386.',
    'arch: [""]':
      'error config/unknown-architecture 5:8 An entry of "arch" is empty. Use one of: amd64, aarch64, armv7, armhf, i386.',
    'arch: [[amd64]]':
      'error config/unknown-architecture 5:8 An entry of "arch" is a list. Use one of: amd64, aarch64, armv7, armhf, i386.',
    'arch: [{a: b}]':
      'error config/unknown-architecture 5:8 An entry of "arch" is a map. Use one of: amd64, aarch64, armv7, armhf, i386.',
    'arch: [arm64]':
      'warning config/odd-architecture 5:8 The Supervisor does not know the architecture "arm64" and rejects the add-on. Here, it is read as "aarch64". Write "aarch64".',
    'arch: [AMD64]':
      'warning config/odd-architecture 5:8 The Supervisor does not know the architecture "AMD64" and rejects the add-on. Here, it is read as "amd64". Write "amd64".',
    'arch: [armhf, amd64, i386]':
      'warning config/deprecated-architecture 5:1 Home Assistant dropped armhf, i386 in 2025.12; their base images get no updates. They are still built. Remove them when your users no longer need them.',
    'arch: [i386]':
      'warning config/deprecated-architecture 5:1 Home Assistant dropped i386 in 2025.12; its base images get no updates. It is still built. Remove it when your users no longer need it.',
    'arch: ': 'warning config/missing-key 5:1 "arch" is missing, so the Supervisor rejects the add-on. Add it.',
    'arch: []': '',
  }),
)('with %j it is answered with %j', (line, expected) => {
  expect(said(changed(line))).toBe(expected)
})

test.each(
  Object.entries({
    'url: example.org/x':
      'warning config/bad-value 6:6 "example.org/x" is not a URL, so the Supervisor rejects the add-on. Write the full URL, for example "https://github.com/you/addons".',
    'url: http://x': '',
    'url: "git+ssh://x/y"': '',
    'url: "https:// x"':
      'warning config/bad-value 6:6 "https:// x" is not a URL, so the Supervisor rejects the add-on. Write the full URL, for example "https://github.com/you/addons".',
    'url: "https:///x"':
      'warning config/bad-value 6:6 "https:///x" is not a URL, so the Supervisor rejects the add-on. Write the full URL, for example "https://github.com/you/addons".',
    'url: 1http://x':
      'warning config/bad-value 6:6 "1http://x" is not a URL, so the Supervisor rejects the add-on. Write the full URL, for example "https://github.com/you/addons".',
    'url: ""': '',
    'url: 5':
      'warning config/not-quoted 6:6 The Supervisor reads "url" as a number and rejects the add-on. Put it in quotes: "5".',
    'url: 2020-01-01':
      'warning config/not-quoted 6:6 The Supervisor reads "url" as a date and rejects the add-on. Put it in quotes: "2020-01-01".',
    'url: [x]': 'error config/not-a-text 6:6 "url" is a list, but must be a string. Write one string after the colon.',
    'image: 5':
      'warning config/not-quoted 6:8 The Supervisor reads "image" as a number and rejects the add-on. Put it in quotes: "5".',
    'image: ghcr.io/o/n:1':
      'error config/image-with-tag 6:8 "ghcr.io/o/n:1" has a tag or a digest, which the Supervisor rejects: it adds the version itself. Write "ghcr.io/o/n".',
    'image: "ghcr.io/o/n:1@sha256:ab"':
      'error config/image-with-tag 6:8 "ghcr.io/o/n:1@sha256:ab" has a tag or a digest, which the Supervisor rejects: it adds the version itself. Write "ghcr.io/o/n".',
    'image: o/n@sha256:ab':
      'error config/image-with-tag 6:8 "o/n@sha256:ab" has a tag or a digest, which the Supervisor rejects: it adds the version itself. Write "o/n".',
    'image: localhost:5000/{arch}-n': '',
    'image: "localhost:5000/n:2"':
      'error config/image-with-tag 6:8 "localhost:5000/n:2" has a tag or a digest, which the Supervisor rejects: it adds the version itself. Write "localhost:5000/n".',
    'image: "  "': '',
    'image: {arch}-x':
      'error file/invalid-yaml 6:14 A value that begins with "{" needs quotes. Put the whole value in quotes, for example "{arch}-name".',
    'build:\n  args: {}':
      'warning config/build-block 6:1 The Supervisor ignores "build", so nothing in it has an effect. Move its content to the Dockerfile, or to build.yaml.',
    'hassio_ap: true':
      'warning config/unknown-key 6:1 Unknown key "hassio_ap"; the Supervisor ignores it. Did you mean "hassio_api"?',
    'hassio_apis: true\nhassio_api: true':
      'notice config/unknown-key 6:1 Unknown key "hassio_apis"; the Supervisor ignores it. Remove it.',
    'zzz_unheard_of: true':
      'notice config/unknown-key 6:1 Unknown key "zzz_unheard_of"; the Supervisor ignores it. Remove it.',
    'x-mine: 1': '',
    'ax-mine: 1': 'notice config/unknown-key 6:1 Unknown key "ax-mine"; the Supervisor ignores it. Remove it.',
    'maintainer: me': '',
    'Name: x': 'notice config/unknown-key 6:1 Unknown key "Name"; the Supervisor ignores it. Remove it.',
  }),
)('%j below it is answered with %j', (more, expected) => {
  expect(said(minimal + more)).toBe(expected)
})

/** Of the Supervisor's validate.py, _SCHEMA_APP_CONFIG. */
const keys =
  'machine url startup boot init advanced stage ports ports_description watchdog watchdog_restart_policy webui ingress ingress_port ingress_entry ingress_stream panel_icon panel_title panel_admin homeassistant host_network host_pid host_ipc host_uts host_dbus devices udev tmpfs map environment privileged apparmor full_access audio video gpio usb uart devicetree kernel_modules realtime hassio_api hassio_role homeassistant_api stdin legacy docker_api auth_api services discovery backup_exclude backup_pre backup_post backup options schema image ulimits timeout journald breaking_versions'

test.each(keys.split(' '))('the key %s is one that the Supervisor reads', (key) => {
  expect(said(`${minimal}${key}:\n`)).toBe('')
})

test('invalid values are left out, and other values are kept unchanged', () => {
  const texts = ({ config }: ReturnType<typeof read>) =>
    Object.fromEntries(
      (['name', 'version', 'slug', 'description', 'url', 'image'] as const).map((key) => [key, config[key]?.value]),
    )
  expect(texts(read('name: [5]\nslug: .git\nimage: a/b:1\nurl:\ndescription: " d "\n'))).toEqual({ description: ' d ' })
  expect(
    texts(
      read('name: 5\nslug: a.b\nversion: " 1.10 "\nurl: x.org\ndescription: ""\nimage: " localhost:5000/{arch}-n "\n'),
    ),
  ).toEqual({
    name: '5',
    slug: 'a.b',
    version: '1.10',
    url: 'x.org',
    description: '',
    image: 'localhost:5000/{arch}-n',
  })
  expect(texts(read('slug: " "\nimage: " "\n'))).toEqual({})
})

test('unknown and repeated architectures are left out, and the order is fixed', () => {
  const { config } = read('arch: [i386, arm64, sparc, aarch64, amd64]')
  expect(config.architectures).toEqual(['amd64', 'aarch64', 'i386'])
  expect(config.architecturesWhere).toEqual({ file: 'config.yaml', line: 1, column: 1 })
  expect(read('arch: AMD64').config.architectures).toEqual(['amd64'])
  for (const text of ['arch:', 'x-a: 1', '', '- a']) {
    expect(read(text).config.architectures).toEqual([])
    expect(read(text).config).not.toHaveProperty('architecturesWhere')
  }
})
