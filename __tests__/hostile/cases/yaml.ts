import { config, dockerfile, type HostileCase } from '../checkout.ts'

const nine = (letter: string, of: string): string => `${letter}: &${letter} [${Array(9).fill(`*${of}`).join(', ')}]`
const laughs = [
  'a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]',
  ...[...'bcdefghij'].map((one, index) => nine(one, 'abcdefghi'[index] ?? 'a')),
].join('\n')
const long = 'x'.repeat(100_000)

/** Texts that are hostile as YAML or JSON, whatever file they are in. */
const texts: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  blanks: ' \n\t\n',
  'a comment': '# nothing',
  'a scalar': 'hello',
  'a list': '[1, 2]',
  null: '~',
  'a byte order mark alone': '\uFEFF',
  'UTF-16': Buffer.from('\uFEFFname: a\n', 'utf16le'),
  'no UTF-8': Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3a, 0x20, 0xff, 0xfe, 0x0a]),
  'a NUL': 'name: a\0b\n',
  NULs: Buffer.alloc(100_000),
  noise: Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 256)),
  'a billion laughs': laughs,
  'a billion laughs in options': `options:\n  ${laughs.replaceAll('\n', '\n  ')}\n`,
  'a billion laughs by merging': [
    'a: &a {x: 1}',
    ...[...'bcdefghij'].map(
      (one, index) => `${one}: &${one} {<<: [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}], ${one}: 1}`,
    ),
  ].join('\n'),
  'an alias of itself': 'a: &a [*a]',
  'a map in itself': 'options: &o {o: *o}',
  'a merge of itself': 'options: &o {<<: *o}',
  'an alias of a long text, many times': `name: &n ${long}\n${Array.from({ length: 1000 }, (_, index) => `k${index}: *n`).join('\n')}\n`,
  'an alias of a long text in what is planned': `args: {A: &a "${long}", ${Array.from({ length: 1000 }, (_, index) => `A${index}: *a`).join(', ')}}\nlabels: {${Array.from({ length: 1000 }, (_, index) => `l${index}: *a`).join(', ')}}\nenvironment: {A: &b "${'y'.repeat(1000)}", ${Array.from({ length: 1000 }, (_, index) => `A${index}: *b`).join(', ')}}\n`,
  'an alias without an anchor': 'name: *nothing',
  'ten thousand aliases': `a: &a x\nb: [${Array(10_000).fill('*a').join(', ')}]`,
  'a thousand levels of brackets': '['.repeat(1000),
  'fifty thousand brackets': '['.repeat(50_000),
  braces: '{'.repeat(50_000),
  'levels of dashes': `${'- '.repeat(30_000)}a`,
  'levels of indentation': Array.from({ length: 300 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
  'a hundred thousand colons': ':'.repeat(100_000),
  'question marks': '? '.repeat(20_000),
  quotes: '"'.repeat(99_999),
  backslashes: `name: "${'\\\\'.repeat(40_000)}"`,
  'exclamation marks': '! '.repeat(30_000),
  'a tag of a function': 'name: !!js/function "function () { return process.exit(1) }"',
  'a tag of a regular expression': 'name: !!js/regexp /a+/',
  'a tag of Python': 'name: !!python/object/apply:os.system ["touch ../escaped"]',
  'a tag of Python that is new': 'name: !!python/object/new:os.system [id]',
  'a tag of ours': '!include ../canary.txt',
  'a tag of a secret': 'name: !secret token',
  'an environment variable': 'name: !env_var GITHUB_TOKEN',
  'a tag of binary': 'name: !!binary aGVsbG8=',
  'a binary that is none': 'options: {a: !!binary "%%%"}',
  'a set': 'options: !!set {a, b}',
  'an ordered map': 'options: !!omap [a: 1, b: 2]',
  pairs: 'options: !!pairs [a: 1, a: 2]',
  'a number by force': 'version: !!int "x"',
  'a time by force': 'version: !!timestamp "x"',
  'a directive': '%YAML 9.9\n---\nname: a',
  'a tag directive': '%TAG ! tag:evil.example,2000:\n---\nname: !x a',
  'many documents': '---\nname: a\n'.repeat(500),
  'a document that ends': '...\n...\n---\n',
  'keys that are lists': '? [a, b]\n: c',
  'keys that are maps': '? {a: b}\n: c',
  'keys that are null': '~: a\n"": b\n',
  'the same key often': 'name: a\n'.repeat(5000),
  'names of JavaScript as keys':
    '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\ntoString: a\nvalueOf: b\nhasOwnProperty: c\n',
  '__proto__ in maps':
    'options: {__proto__: {polluted: true}, constructor: a}\nschema: {__proto__: str, constructor: str, toString: str?}\nenvironment: {__proto__: a, constructor: b}\nports: {__proto__: 1}\nulimits: {__proto__: 1, constructor: 2}\n',
  '__proto__ by merging': 'a: &a {__proto__: {polluted: true}}\noptions: {<<: *a}\n',
  'names of JavaScript as values':
    'startup: constructor\nhassio_role: constructor\nboot: toString\nmap: [constructor, __proto__, toString]\nservices: [constructor:need, __proto__]\nprivileged: [constructor, __proto__]\narch: [amd64, constructor]\nstage: __proto__\n',
  'names of JavaScript as architectures':
    'arch: [__proto__]\nbuild_from: {constructor: a/b:1, __proto__: a/b:1, toString: a/b:1}\n',
  'names of JavaScript in build.yaml':
    'args: {__proto__: a, constructor: b, toString: c}\nlabels: {__proto__: a, constructor: b}\ncosign: {__proto__: a, constructor: b}\n',
  'numbers out of range':
    'timeout: 99999999999999999999\ningress_port: -1\nports: {99999/tcp: 99999999, 8000/tcp: -5, -1/udp: 1}\nulimits: {nofile: 1e400, nproc: -1}\nversion: 1e999\nschema: {a: "int(1e999,)", b: "float(,-1e999)", c: "str(99999999999,)"}\n',
  'numbers of other bases': 'version: 0o17\nslug: 0x10\nname: 1_000\ntimeout: 1:30:00\n',
  'not a number': 'timeout: .nan\ningress_port: .inf\nversion: -.inf\n',
  dates: 'version: 2026-11-29\nname: 2026-11-29T00:00:00Z\nslug: 0000-00-00\n',
  'a long text': `name: ${long}\ndescription: ${long.slice(0, 20_000)}\n`,
  'a long key': `? ${long}\n: a\n`,
  'a long slug': `slug: ${'a'.repeat(100_000)}\n`,
  'a long name of an image': `image: a/${'a'.repeat(100_000)}\n`,
  'a long name of dashes': `image: a/b${'-'.repeat(100_000)}\n`,
  'a long name of dots': `image: a/${'a.'.repeat(50_000)}\n`,
  'a long host': `image: ${'a-'.repeat(50_000)}.example/a\n`,
  'a long version': `version: "${'1.'.repeat(50_000)}"\n`,
  'a long address': `url: "${'a'.repeat(100_000)}"\nwebui: "http://${'['.repeat(50_000)}"\n`,
  'a long base': `build_from: ${'a-'.repeat(40_000)}\n`,
  'a long base of slashes': `build_from: ${'a/'.repeat(40_000)}\n`,
  'a long base of blanks': `build_from: "FROM${' '.repeat(100_000)}x"\n`,
  'a long base with a colon': `build_from: "a/b:${'1'.repeat(100_000)}"\n`,
  'a long template': `image: "${'{'.repeat(50_000)}"\n`,
  'a template of templates': `image: "a/${'{arch}'.repeat(10_000)}"\n`,
  'a folded text': `description: >\n${'  a\n\n'.repeat(9000)}`,
  'a text of line ends': `description: |\n${'\n'.repeat(19_000)}`,
  'separators of lines': `name: "${'\u2028'.repeat(30_000)}"\n`,
  'U+0085': `name: "${'\u0085::error::x'.repeat(1000)}"\n`,
  tabs: 'name: a\n\tversion: b\n',
  'carriage returns': 'name: a\rversion: b\r::error::x\r',
  'schemas of hostile patterns':
    'schema: {a: "match(^(a+)+$)", b: "match((((((((((", c: "match([)", d: "list()", e: "str(", f: "match((?<a>x)(?<a>y))", g: "device(", h: "int(a,b)"}\noptions: {a: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", b: x, c: y, f: z}\n',
  'a hundred thousand choices': `schema: {a: "list(${'a|'.repeat(50_000)})"}\noptions: {a: b}\n`,
  'everything that is asked of the machine':
    'privileged: [SYS_ADMIN, SYS_RAWIO, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH]\ndevices: [/dev/mem, /dev/sda, "/dev/kmsg:/dev/kmsg:rwm"]\nfull_access: true\nhost_network: true\nhost_pid: true\nhost_ipc: true\nhost_uts: true\nhost_dbus: true\ndocker_api: true\napparmor: false\nkernel_modules: true\nudev: true\nmap: [{type: all_addon_configs, read_only: false}, {type: data, path: /}, {type: share, path: "/../../etc"}]\n',
  'environment that is hostile':
    'environment: {"A\\nDOCKER_HOST": x, PATH: /tmp, LD_PRELOAD: /tmp/x.so, DOCKER_CONFIG: "/tmp\\nb", "": a, "a=b": c, "GITHUB_TOKEN": ""}\n',
}

/** The same hostile text in each of the files that are read as YAML. */
export const yamlCases: readonly HostileCase[] = Object.entries(texts).flatMap(([name, text], index): HostileCase[] => {
  const head = typeof text === 'string' && /^[a-z_]+:/.test(text) ? Buffer.from(`${withoutKeysOf(text)}${text}`) : text
  const extension = (['yaml', 'yml'] as const)[index % 2]
  return [
    {
      family: 'yaml',
      name: `config.${extension} is ${name}`,
      write: (checkout) => void checkout.files({ [`a/config.${extension}`]: head, 'a/Dockerfile': dockerfile }),
      ...(index % 12 === 0 && { nasty: true }),
    },
    {
      family: 'yaml',
      name: `build.${extension} is ${name}`,
      write: (checkout) =>
        void checkout.files({ 'a/config.yaml': config(), [`a/build.${extension}`]: text, 'a/Dockerfile': dockerfile }),
    },
    {
      family: 'yaml',
      name: `config.json and build.json are ${name}`,
      write: (checkout) =>
        void checkout.files({ 'a/config.json': text, 'a/build.json': text, 'a/Dockerfile': dockerfile }),
    },
  ]
})

/** What makes a config complete, but for the keys that the text has itself. */
function withoutKeysOf(text: string): string {
  return config('a')
    .split('\n')
    .filter((line) => line !== '' && !text.includes(`${line.split(':')[0]}:`))
    .map((line) => `${line}\n`)
    .join('')
}

/** JSON that its reader, or one that follows, may take for something else. */
const jsons: Readonly<Record<string, string>> = {
  'a comma too many': '{"name": "a",}',
  comments: '{/* a */ "name": "a"}',
  __proto__:
    '{"name":"N","version":"1","slug":"a","description":"d","arch":["amd64"],"__proto__":{"slug":"b"},"constructor":{"prototype":{"x":1}},"options":{"__proto__":{"polluted":true}}}',
  'a number of 400 digits': `{"name":"N","version":${'9'.repeat(400)},"slug":"a","description":"d","arch":["amd64"]}`,
  'half a surrogate': '{"name":"\\ud800","version":"1","slug":"a","description":"\\udfff\\u0000","arch":["amd64"]}',
  escapes: '{"name":"\\u001b[31m\\u0085::error::x","version":"1","slug":"a","description":"\\u2028","arch":["amd64"]}',
  levels: `${'{"options":'.repeat(490)}1${'}'.repeat(490)}`,
  NaN: '{"timeout": NaN}',
  'a key twice': '{"slug":"a","slug":"../b","name":"N","version":"1","description":"d","arch":["amd64"]}',
  YAML: 'name: a\n',
}

export const jsonCases: readonly HostileCase[] = Object.entries(jsons).map(([name, text]) => ({
  family: 'json',
  name: `config.json has ${name}`,
  write: (checkout) => void checkout.files({ 'a/config.json': text, 'a/Dockerfile': dockerfile }),
}))
