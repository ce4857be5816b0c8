// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { type BuildSettings, readResolvedDockerfile } from '../../src/dockerfile/resolve.ts'

const resolve = (text: string, settings: Partial<BuildSettings> = {}) =>
  readResolvedDockerfile(text, 'Dockerfile', { architecture: 'aarch64', buildArguments: new Map(), ...settings })

test('a Dockerfile without the stage is not resolved', () => {
  expect(resolve('# nothing')).toBeUndefined()
  expect(resolve('FROM a', { stage: 'unknown' })).toBeUndefined()
})

test('the chain holds the stages that an argument selects', () => {
  const text = 'ARG WHICH=x\nFROM a:1 AS x\nFROM b:1 AS y\nFROM $WHICH AS z\nFROM c'
  const images = (buildArguments: ReadonlyMap<string, string>) =>
    resolve(text, { stage: 'z', buildArguments })?.chain.map(({ image }) => image)
  expect(images(new Map())).toEqual(['a:1', 'x'])
  expect(images(new Map([['WHICH', 'y']]))).toEqual(['b:1', 'y'])
})

test.each([
  ['FROM a\nARG A=1\nENV B="x $A"', '$B', 'x 1'],
  ['FROM a\nARG A=1\nENV A=2\nARG A=3', '$A', '2'],
  ['ARG A=1\nFROM a', '$A', ''],
  ['ARG A=1\nFROM a\nARG A', '$A', '1'],
  ['FROM a\nARG TARGETARCH', '$TARGETARCH', 'arm64'],
  ['FROM a AS x\nENV A=1\nFROM x', '$A', '1'],
  ['FROM a AS x\nENV A=1\nFROM b', '$A', ''],
  ["FROM a\nENV A='$B'", '$A', '$B'],
  ['FROM a\nLABEL A=1', '$A', ''],
  ['FROM a', '${A%x}', undefined],
  ['# escape=`\nFROM a\nENV A=`$B', '$A', '$B'],
])('%j: %s is %j', (text, value, expected) => {
  expect(resolve(text)?.value(value)).toBe(expected)
})
