import { configKeys, oldConfigKeys } from '../../../src/addon/config/config-keys.ts'
import { config, dockerfile, type HostileCase } from '../checkout.ts'
import { payloads } from '../payloads.ts'

const quoted = (text: string): string => JSON.stringify(text)

/** The ways in which a text can be the value of a field. */
const shapes: readonly ((text: string) => string)[] = [
  (text) => quoted(text),
  (text) => `[${quoted(text)}, ${quoted(text)}]`,
  (text) => `{${quoted(text)}: ${quoted(text)}}`,
  (text) => `{a: ${quoted(text)}, ${quoted(text)}: {${quoted(text)}: [${quoted(text)}]}}`,
]

/** Fields of config.yaml whose value is of one kind: what is deeper is reached only in that kind. */
const fitting: Readonly<Record<string, (text: string) => string>> = {
  arch: (text) => `[amd64, ${text}]`,
  ports: (text) => `{8000/tcp: ${text}, ${text}: 1}`,
  ports_description: (text) => `{8000/tcp: ${text}, ${text}: a}`,
  map: (text) => `[${text}, {type: ${text}, path: ${text}, read_only: ${text}}]`,
  environment: (text) => `{A: ${text}, ${text}: a}`,
  options: (text) => `{a: ${text}, ${text}: {a: [${text}]}}`,
  schema: (text) => `{a: ${text}, ${text}: str, b: [${text}], c: [{d: ${text}}]}`,
  ulimits: (text) => `{nofile: ${text}, ${text}: 1, nproc: {soft: ${text}, hard: ${text}}}`,
  devices: (text) => `[${text}, "${'/dev/null'}"]`,
}

const configFields = [...configKeys, ...oldConfigKeys]
const required = new Set(['name', 'version', 'slug', 'description', 'arch'])

function configWith(field: string, value: string): string {
  const base = config('a')
    .split('\n')
    .filter((line) => !line.startsWith(`${field}:`))
  return [...base, `${field}: ${value}`, ''].join('\n')
}

const buildFields: Readonly<Record<string, (text: string) => string>> = {
  build_from: (text) => `build_from: ${text}`,
  'build_from.amd64': (text) => `build_from: {amd64: ${text}, aarch64: registry.example/base:1}`,
  'build_from.key': (text) => `build_from: {amd64: a/b:1, aarch64: a/b:1, ${text}: a/b:1}`,
  'args.value': (text) => `args: {A: ${text}, BUILD_NAME: ${text}}`,
  'args.key': (text) => `args: {${text}: a}`,
  'labels.value': (text) => `labels: {a: ${text}, io.hass.version: ${text}}`,
  'labels.key': (text) => `labels: {${text}: a}`,
  image: (text) => `image: ${text}`,
  cosign: (text) =>
    `cosign: {base_identity: ${text}, identity: ${text}, base_issuer: ${text}, issuer: ${text}, ${text}: a}`,
  squash: (text) => `squash: ${text}`,
  shadow_repository: (text) => `shadow_repository: ${text}`,
  codenotary: (text) => `codenotary: {signer: ${text}}`,
  key: (text) => `${text}: ${text}`,
}

/** One checkout with a folder for each field, every one with this payload: what is wrong with one hides nothing of another. */
const everyField = (payload: string, index: number): HostileCase => ({
  family: 'fields',
  name: `every field is ${quoted(payload.slice(0, 40))}`,
  write: (checkout) => {
    for (const field of configFields) {
      const shape = fitting[field] ?? shapes[index % shapes.length]
      checkout.file(`c-${field}/config.yaml`, configWith(field, shape?.(quoted(payload)) ?? quoted(payload)))
      checkout.file(`c-${field}/Dockerfile`, dockerfile)
    }
    for (const [field, line] of Object.entries(buildFields)) {
      checkout.file(`b-${field}/config.yaml`, config(`b${Object.keys(buildFields).indexOf(field)}`))
      checkout.file(`b-${field}/build.yaml`, `${line(quoted(payload))}\n`)
      checkout.file(`b-${field}/Dockerfile`, dockerfile)
    }
  },
})

/** One add-on alone, so that a payload that is allowed comes as far as the plan. */
const configField = (field: string, payload: string, shape: (text: string) => string): HostileCase => ({
  family: 'fields',
  name: `${field} of config.yaml is ${shape(quoted(payload)).slice(0, 60)}`,
  write: (checkout) =>
    void checkout.files({ 'a/config.yaml': configWith(field, shape(quoted(payload))), 'a/Dockerfile': dockerfile }),
})

const buildField = (field: string, payload: string): HostileCase => ({
  family: 'fields',
  name: `${field} of build.yaml is ${quoted(payload.slice(0, 40))}`,
  write: (checkout) =>
    void checkout.files({
      'a/config.yaml': config(),
      'a/build.yaml': `${buildFields[field]?.(quoted(payload))}\n`,
      'a/Dockerfile': dockerfile,
    }),
})

const inConfig = [...required, 'url', 'image', 'webui', 'watchdog', 'ingress_entry', 'panel_title']
const inBuild = [
  'build_from',
  'build_from.amd64',
  'args.value',
  'args.key',
  'labels.value',
  'labels.key',
  'image',
  'cosign',
]

export const fieldCases: readonly HostileCase[] = [
  ...payloads.map(everyField).filter((_, index) => index % 10 === 0),
  // Every field with some payload of its own, in every shape.
  ...configFields.map((field, index) =>
    configField(field, payloads[(index * 7) % payloads.length] ?? '', fitting[field] ?? shapes[index % 4] ?? quoted),
  ),
  // What a plan is made of, with all of them.
  ...payloads.map((payload, index) => configField(inConfig[index % inConfig.length] ?? '', payload, (text) => text)),
  ...payloads.map((payload, index) =>
    configField(inConfig[(index + 3) % inConfig.length] ?? '', payload, (text) => text),
  ),
  ...payloads.map((payload, index) => buildField(inBuild[index % inBuild.length] ?? '', payload)),
  ...payloads.map((payload, index) => buildField(inBuild[(index + 2) % inBuild.length] ?? '', payload)),
]

/** Every field with every payload, as the texts of the two files. */
export const pairs: readonly { readonly name: string; readonly files: ReadonlyMap<string, string> }[] = [
  ...configFields.flatMap((field) =>
    payloads.map((payload) => ({
      name: `${field}: ${quoted(payload)}`,
      files: new Map([
        ['a/config.yaml', configWith(field, (fitting[field] ?? ((text: string) => text))(quoted(payload)))],
        ['a/Dockerfile', dockerfile],
      ]),
    })),
  ),
  ...Object.entries(buildFields).flatMap(([field, line]) =>
    payloads.map((payload) => ({
      name: `build.yaml ${field}: ${quoted(payload)}`,
      files: new Map([
        ['a/config.yaml', config()],
        ['a/build.yaml', `${line(quoted(payload))}\n`],
        ['a/Dockerfile', dockerfile],
      ]),
    })),
  ),
]
