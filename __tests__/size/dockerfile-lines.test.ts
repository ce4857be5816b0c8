import { readResolvedDockerfile } from '../../src/dockerfile/resolve.ts'
import type { ImageMeasure } from '../../src/image/measure.ts'
import { linesOfLayers, withDockerfileLines } from '../../src/size/dockerfile-lines.ts'
import { target } from '../fixtures/target.ts'
import { layer, measure } from './measures.ts'

const dockerfile = `# syntax=docker/dockerfile:1
ARG BUILD_FROM
FROM python AS builder
RUN pip wheel everything
COPY . /src

FROM \${BUILD_FROM} AS common
RUN apk add --no-cache \\
    # a comment inside
    curl \\
    jq

FROM common
ARG TARGET=/opt/app
ENV A=1
WORKDIR /app
COPY --from=builder --chown=1:1 /src \${TARGET}
RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt
RUN <<EOF
echo one
echo two
EOF
CMD ["run"]
`
const history = [
  'RUN |1 BUILD_FROM=x /bin/sh -c apk add --no-cache     curl     jq # buildkit',
  'WORKDIR /app',
  'COPY --chown=1:1 /src /opt/app # buildkit',
  'RUN |2 BUILD_FROM=x TARGET=/opt/app /bin/sh -c pip install -r requirements.txt # buildkit',
  'RUN |2 BUILD_FROM=x TARGET=/opt/app /bin/sh -c echo one\necho two\n # buildkit',
]
const image = (steps: readonly (string | undefined)[], base = 0) => {
  const below = Array.from({ length: base }, (_, index) => layer(`base${index}`, 1))
  const layers = steps.map((createdBy, index) => {
    const { createdBy: _, ...rest } = layer(`own${index}`, 1)
    return createdBy === undefined ? rest : { ...rest, createdBy }
  })
  return measure([...below, ...layers], base ? { base: { reference: 'b', layers: base } } : {})
}

const modelOf = (text: string, stage?: string) =>
  readResolvedDockerfile(text, 'Dockerfile', target(stage === undefined ? {} : { stage }))
const linesOf = (built: ImageMeasure, text: string, stage?: string) => linesOfLayers(built, modelOf(text, stage))

describe('the lines of layers', () => {
  test('finds the line of every own layer, through the stages that it is built from', () => {
    expect(linesOf(image(history, 2), dockerfile)).toEqual([undefined, undefined, 8, 16, 17, 18, 19])
  })

  test('finds them where it is not known how many layers are of the base', () => {
    const withBase = image(['ADD rootfs.tar.gz / # buildkit', 'RUN /bin/sh -c base things', ...history])
    expect(linesOf(withBase, dockerfile)).toEqual([undefined, undefined, 8, 16, 17, 18, 19])
  })

  test('finds them for a named stage', () => {
    expect(linesOf(image(['RUN /bin/sh -c pip wheel everything', 'COPY . /src']), dockerfile, 'builder')).toEqual([
      4, 5,
    ])
  })

  test('leaves out what is not in the Dockerfile, and layers without a history', () => {
    expect(linesOf(image([undefined, 'RUN /bin/sh -c apk add --no-cache curl jq']), dockerfile)).toEqual([undefined, 8])
    expect(linesOf(image(['ENTRYPOINT x']), dockerfile)).toEqual([undefined])
  })

  test('distinguishes equal steps by their order', () => {
    const text = 'FROM x\nRUN a\nCOPY p /p\nRUN a\n'
    expect(linesOf(image(['RUN /bin/sh -c a', 'COPY p /p', 'RUN /bin/sh -c a']), text)).toEqual([2, 3, 4])
  })

  test.each([
    ['in double quotes', '<<"EOF"'],
    ['in single quotes', "<<'EOF'"],
    ['with tabs before its end', '<<-EOF'],
    ['with tabs, in quotes', '<<-"EOF"'],
    ['for a file descriptor', '3<<EOF'],
  ])('finds the lines after a here-document %s', (_, start) => {
    const text = `FROM x\nRUN ${start}\necho one\nEOF\nCOPY p /p\nRUN a\n`
    const history = ['RUN /bin/sh -c echo one\n # buildkit', 'COPY p /p # buildkit', 'RUN /bin/sh -c a # buildkit']
    expect(linesOf(image(history), text)).toEqual([2, 5, 6])
    expect(linesOf(image(history), text.replaceAll('\n', '\r\n'))).toEqual([2, 5, 6])
  })

  test('knows two here-documents of one instruction, and one that is only the argument of a shell', () => {
    const text = `FROM x\nCOPY <<a <<"b" /\nRUN <<EOF\na\n1\nb\nRUN sh -c "cat <<EOF"\nRUN c\n`
    expect(linesOf(image(['COPY <<a <<b /', 'RUN /bin/sh -c sh -c "cat <<EOF"', 'RUN /bin/sh -c c']), text)).toEqual([
      2, 7, 8,
    ])
  })

  test.each([
    ['<<b', 2],
    ['__b', 3],
  ])('compares the original texts: %s', (word, line) => {
    const text = `FROM x\nRUN test a "<<b"\nRUN test a "__b"\n`
    expect(linesOf(image([`RUN /bin/sh -c test a "${word}"`]), text)).toEqual([line])
  })

  test('joins lines by the escape character of the file', () => {
    const text = '# escape=`\nFROM x\nRUN a b x\nRUN a `\n  b\n'
    expect(linesOf(image(['RUN /bin/sh -c a b']), text)).toEqual([4])
  })

  test.each([[''], ['FROM'], ['not a Dockerfile at all\n<<<'], ['FROM a AS b\nFROM b AS a\nRUN x']])(
    'accepts %j',
    (text) => {
      expect(linesOf(image(history), text)).toHaveLength(history.length)
    },
  )
})

test('adding the lines does not change other data', () => {
  const before = image(history)
  const { layers } = withDockerfileLines(before, modelOf(dockerfile))
  expect(layers.map(({ line, ...rest }) => rest)).toEqual(before.layers)
  expect(layers[0]?.line).toBe(8)
})
