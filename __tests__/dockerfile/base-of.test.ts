// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import type { Architecture } from '../../src/core/architecture.ts'
import {
  baseOf,
  blankStage,
  globalValue,
  imagesOf,
  labelsInDockerfile,
  tooLongArgument,
} from '../../src/dockerfile/base-of.ts'
import { readDockerfile, stageIndex } from '../../src/dockerfile/dockerfile.ts'

const read = (text: string) => {
  const { dockerfile } = readDockerfile(text, 'Dockerfile')
  if (!dockerfile) throw new Error(`${text} is not read`)
  return dockerfile
}
const given = (args: Readonly<Record<string, string>>) => new Map(Object.entries(args))
const base = (text: string, args: Readonly<Record<string, string>> = {}, stage?: string) =>
  baseOf(read(text), stage, 'aarch64', given(args))

test.each<[string, string | undefined, object]>([
  ['FROM a\nFROM b', undefined, { image: 'b', line: 2 }],
  ['FROM a\nFROM b', '0', { image: 'a', line: 1 }],
  ['FROM a AS x\nFROM b', 'x', { image: 'a', line: 1 }],
  ['FROM a AS 1\nFROM b', '1', { image: 'a', line: 1 }],
  ['FROM a', 'none', { unknown: 'none', line: 1 }],
  ['FROM a AS x\nFROM $A AS y\nFROM X', undefined, { image: 'a', line: 1 }],
  ['FROM ""', undefined, { blank: '""', line: 1 }],
  ['ARG A=" "\nFROM "$A"', undefined, { blank: '"$A"', line: 2 }],
  ['FROM ${A%x}', undefined, { unknown: '${A%x}', line: 1 }],
  ['ARG A=" a "\nFROM "$A"', undefined, { image: 'a', line: 2 }],
  ['FROM --platform=$TARGETPLATFORM a', undefined, { image: 'a', line: 1, platform: 'linux/arm64' }],
  ['FROM --platform=$NONE a', undefined, { image: 'a', line: 1 }],
  ['FROM --platform=${A%x} a', undefined, { image: 'a', line: 1 }],
  ['FROM --platform=p a AS x\nFROM --platform=q x', undefined, { image: 'a', line: 1, platform: 'p' }],
  ['# escape=`\nARG A=`$B\nFROM x/$A', undefined, { image: 'x/$B', line: 3 }],
  ['# escape=`\nFROM --platform=`$A a', undefined, { image: 'a', line: 2, platform: '$A' }],
])('%j, stage %s, is built on %j', (text, stage, expected) => {
  expect(base(text, {}, stage)).toEqual(expected)
})

test.each([
  ['1', -1],
  ['0', 0],
  ['00', 0],
  ['-0', -1],
  ['0x0', -1],
  ['', -1],
  ['1a', -1],
])('of one stage, %j is the number %d', (stage, index) => {
  expect(stageIndex(read('FROM a'), stage)).toBe(index)
})

test.each<[Architecture, string]>([
  ['amd64', 'linux/amd64 linux amd64  '],
  ['aarch64', 'linux/arm64 linux arm64  '],
  ['armv7', 'linux/arm/v7 linux arm v7 '],
  ['armhf', 'linux/arm/v6 linux arm v6 '],
  ['i386', 'linux/386 linux 386  '],
])('on %s FROM has the platform arguments of BuildKit: %s', (architecture, expected) => {
  const names = ['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT', 'NONE']
  const values = names.map((name) => globalValue(name, read('FROM a'), architecture, new Map()) ?? '')
  expect(values.join(' ')).toBe(expected)
  expect(globalValue('BUILDPLATFORM', read('FROM a'), architecture, new Map())).toBe('$BUILDPLATFORM')
})

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['ARG A=1', {}, '1'],
  ['ARG A=1', { A: '2' }, '2'],
  ['ARG A=1', { A: '' }, ''],
  ['ARG A', {}, undefined],
  ['ARG A', { A: '2' }, '2'],
  ['ARG B=1\nARG A=x$B', { B: '2' }, 'x2'],
  ['ARG A=x$B\nARG B=1', {}, 'x'],
  ['ARG A=${B%x}', {}, undefined],
  ['ARG A=1\nARG A', {}, undefined],
  ['', { A: '2' }, undefined],
])('%j with %j gives A the value %j', (text, args, expected) => {
  expect(globalValue('A', read(`${text}\nFROM a`), 'amd64', given(args))).toBe(expected)
})

test('an argument of BuildKit that the file declares keeps its value, and takes a default where it has one', () => {
  expect(globalValue('TARGETARCH', read('ARG TARGETARCH\nFROM a'), 'armv7', new Map())).toBe('arm')
  expect(globalValue('TARGETARCH', read('ARG TARGETARCH=x\nFROM a'), 'armv7', new Map())).toBe('x')
})

test('the first argument that becomes too long is reported', () => {
  const doubling = (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => `ARG A${index + 1}=$A${index}$A${index}`)
    return read(`ARG A0=${'x'.repeat(16)}\n${lines.join('\n')}\nFROM a`)
  }
  expect(tooLongArgument(doubling(10), 'amd64', new Map())).toBeUndefined()
  expect(tooLongArgument(doubling(11), 'amd64', new Map())).toBe('A11')
  expect(tooLongArgument(doubling(12), 'amd64', new Map())).toBe('A11')
  expect(tooLongArgument(doubling(11), 'amd64', given({ A11: 'x' }))).toBeUndefined()
  expect(tooLongArgument(read('ARG A=${B%x}\nFROM a'), 'amd64', new Map())).toBeUndefined()
})

test.each<[string, readonly string[], number | undefined]>([
  ['FROM a AS x\nFROM x\nFROM b', ['a', 'b'], undefined],
  ['FROM x AS x\nFROM $NONE\nFROM b\nFROM ""', ['x', 'b'], 2],
  ['ARG B=" b "\nFROM ${A%x}\nFROM $B', ['b'], undefined],
])('%j needs the images %j, and stage on line %s is blank', (text, images, line) => {
  const found = imagesOf(read(text), 'amd64', new Map())
  expect(found.map(({ image }) => image)).toEqual(images)
  expect(found.every(({ stage }) => stage.line > 0)).toBe(true)
  expect(blankStage(read(text), 'amd64', new Map())?.line).toBe(line)
})

test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
  ['FROM a\nLABEL a=1 b="x y" c=', {}, { a: '1', b: 'x y' }],
  ['FROM a\nARG A=1\nLABEL a=$A', {}, { a: '1' }],
  ['FROM a\nARG A=1\nLABEL a=$A', { A: '2' }, { a: '2' }],
  ['FROM a\nLABEL a=$A', { A: '2' }, {}],
  ['ARG A=1\nFROM a\nLABEL a=$A', {}, {}],
  ['ARG A=1\nFROM a\nARG A\nLABEL a=$A', {}, { a: '1' }],
  ['FROM a\nARG A\nLABEL a=x$A', {}, { a: 'x' }],
  ['FROM a\nARG A=1\nARG B=$A$A\nENV C=$B-\nLABEL a=$C', {}, { a: '11-' }],
  ['FROM a\nARG A=1\nENV A=2\nLABEL a=$A', {}, { a: '2' }],
  ['FROM a\nENV A=${B%x}\nLABEL a=$A b=${B%x}', {}, { a: '${B%x}', b: '${B%x}' }],
  ['FROM a AS x\nARG A=1\nLABEL a=$A b=1\nFROM x\nLABEL a=2$A', {}, { a: '2', b: '1' }],
  ['FROM a AS x\nLABEL a=1\nFROM b', {}, {}],
  ['ARG W=x\nFROM a AS x\nLABEL a=1\nFROM $W', {}, { a: '1' }],
  ['# escape=`\nFROM a\nARG A=`$x\nENV B=`$y\nLABEL a=$A b=$B c=`$z', {}, { a: '$x', b: '$y', c: '$z' }],
])('%j with %j has the labels %j', (text, args, expected) => {
  expect(Object.fromEntries(labelsInDockerfile(read(text), undefined, 'amd64', given(args)))).toEqual(expected)
})
