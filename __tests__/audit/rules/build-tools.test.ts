import { apk, dpkg, pack } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { based, builder, clean, withLines } from '../subjects.ts'

testDockerfiles('image/build-tools', {
  reports: [
    [withLines('RUN apk add --no-cache gcc musl-dev'), 2],
    [withLines('RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y build-essential'), 2],
    [withLines('RUN <<EOF', 'apk add --no-cache \\', '  g++', 'EOF'), 2],
    [withLines('RUN ["/bin/sh", "-c", "apk add --no-cache make"]'), 2],
    [`${builder}RUN apk add --no-cache gcc\n${based('FROM builder')}`, 2],
  ],
  accepts: [
    [`${builder}RUN apk add --no-cache gcc\n${clean}`],
    [withLines('RUN apk add --no-cache -t .b gcc && make && apk del .b')],
    [withLines('RUN apk add --no-cache libgcc gcompat makedepend-docs && echo apk add gcc')],
    [
      withLines(
        'RUN apt-get install -y gcc && make && apt-get purge -y --auto-remove gcc && rm -rf /var/lib/apt/lists/*',
      ),
    ],
  ],
  severities: [
    ['binutils alone', withLines('RUN apk add --no-cache binutils'), 'notice'],
    ['binutils with a compiler', withLines('RUN apk add --no-cache binutils gcc'), 'warning'],
    [
      'a package that a later RUN uninstalls',
      withLines('RUN apt-get install -y build-essential', 'RUN make', 'RUN apt-get purge -y build-essential'),
      undefined,
    ],
    [
      'a group that a later RUN uninstalls',
      withLines('RUN apk add --no-cache -t .build gcc', 'RUN make', 'RUN apk del .build'),
      undefined,
    ],
    [
      'one of two packages that a later RUN uninstalls',
      withLines('RUN apk add --no-cache gcc cmake', 'RUN apk del gcc'),
      'warning',
    ],
    ['what an earlier RUN uninstalls', withLines('RUN apk del gcc', 'RUN apk add --no-cache gcc'), 'warning'],
  ],
})

testImages('image/build-tools', {
  reports: [
    [
      'compilers of Alpine',
      { layers: [[apk(pack('gcc', 2e6), pack('musl-dev', 1e6), pack('libgcc', 5))]] },
      { bytes: 3e6, message: 'Build tools are left in the image: gcc and musl-dev.' },
    ],
    [
      'compilers of Debian with their parts',
      { layers: [[dpkg('gcc', 'gcc-12', 'gcc-12-base', 'libgcc-12-dev', 'cpp-12-x86-64-linux-gnu', 'libgcc-s1')]] },
      { bytes: 4 * 102_400 },
    ],
    ['binutils alone', { layers: [[apk(pack('binutils', 9))]] }, { severity: 'notice', bytes: 9 }],
  ],
  accepts: [
    [
      'libraries of compilers',
      { layers: [[dpkg('gcc-12-base', 'libgcc-s1', 'libstdc++6', 'git', 'binutils-common-libs')]] },
    ],
    ['compilers of the base', { base: [apk(pack('gcc', 9))], layers: [[apk(pack('gcc', 9), pack('curl', 1))]] }],
    ['compilers that a later layer deletes', { layers: [[apk(pack('gcc', 9))], [apk(pack('curl', 1))]] }],
  ],
})
