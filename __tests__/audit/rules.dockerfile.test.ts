import { expect, test } from '@jest/globals'
import type { AuditInput } from '../../src/audit/audit.ts'
import { readModel } from '../../src/dockerfile/model.ts'
import { runConfig } from '../fixtures/target.ts'
import { addon, audit, clean, contextOf, inputOf, rulesOf } from './subjects.ts'

/** Lines put into an otherwise clean Dockerfile, after FROM. */
const withLines = (...lines: readonly string[]): string => clean.replace('\n', `\n${lines.join('\n')}\n`)
const based = (from: string): string => clean.replace('FROM base:1.0', from)

const v3 = 'FROM ghcr.io/home-assistant/amd64-base:3.20'
const v2 = 'FROM ghcr.io/hassio-addons/base/amd64:11.1.2'
const unsure = 'FROM lscr.io/linuxserver/znc:amd64-1.8.2-ls41'
/** Starts what the base starts, and sets no rights. */
const bare = (from: string): string =>
  based(from)
    .replace(/\nENTRYPOINT.*/, '')
    .replace('--chmod=0755 ', '')
const withInit = { target: addon({ run: runConfig({ init: true }) }) }
const notExecutable = (...paths: readonly string[]) => ({
  context: contextOf(
    {},
    paths.map((path) => ({ path, crlf: false, executable: false })),
  ),
})
const run = 'rootfs/etc/services.d/a/run'

test('has nothing to say of a clean Dockerfile', () => {
  expect(audit(clean, { context: contextOf() })).toEqual([])
})

const built = 'FROM base:1.0 AS builder\n'

test.each<[rule: string, dockerfile: string, line: number, more?: Partial<AuditInput>]>([
  ['image/build-tools', withLines('RUN apk add --no-cache gcc musl-dev'), 2],
  [
    'image/build-tools',
    withLines('RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y build-essential'),
    2,
  ],
  ['image/build-tools', withLines('RUN <<EOF', 'apk add --no-cache \\', '  g++', 'EOF'), 2],
  ['image/build-tools', withLines('RUN ["/bin/sh", "-c", "apk add --no-cache make"]'), 2],
  ['image/build-tools', `${built}RUN apk add --no-cache gcc\n${based('FROM builder')}`, 2],
  ['image/root-user', clean.replace('USER nobody\n', ''), 1],
  ['image/root-user', clean.replace('USER nobody', 'USER root'), 3],
  ['image/root-user', clean.replace('USER nobody', 'USER 0'), 3],
  ['image/root-user', clean.replace('USER nobody', 'USER 0:0'), 3],
  ['image/root-user', clean.replace('USER nobody', 'ARG WHO=root\nUSER $WHO'), 4],
  ['image/no-healthcheck', clean.replace(/HEALTHCHECK.*\n/, ''), 1],
  ['image/no-healthcheck', clean.replace(/HEALTHCHECK.*/, 'HEALTHCHECK NONE'), 4],
  ['image/slow-healthcheck', clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=2m30s'), 4],
  ['secret/environment', withLines('ENV MQTT_PASSWORD=hunter22'), 2],
  ['secret/environment', withLines('ENV A=1 \\', '  API_TOKEN="abc def"'), 2],
  ['secret/environment', withLines(`ENV SETTING=ghp_${'a'.repeat(36)}`), 2],
  ['secret/build-argument', withLines('ARG GITHUB_TOKEN'), 2],
  ['secret/build-argument', `${built}ARG NPM_TOKEN\n${clean}`, 2],
  ['image/package-cache', withLines('RUN apk add curl'), 2],
  ['image/package-cache', withLines('RUN apt-get update && apt-get install -y curl'), 2],
  ['image/package-cache', withLines('RUN python3 -m pip install flask'), 2],
  [
    'image/package-cache',
    withLines('RUN apt-get update', 'RUN apt-get install -y x && rm -rf /var/lib/apt/lists/*'),
    2,
  ],
  ['image/package-cache', withLines('RUN apk update && apk add --no-cache curl'), 2],
  ['image/package-cache', withLines('RUN npm ci --omit=dev'), 2],
  ['image/package-cache', withLines('RUN uv pip install --system flask'), 2],
  ['image/virtual-leftover', withLines('RUN apk add --no-cache --virtual .build-deps zlib'), 2],
  ['image/virtual-leftover', withLines('RUN apk add --no-cache -t=.deps zlib && apk del .other'), 2],
  ['dockerfile/base-not-pinned', based('FROM debian'), 1],
  ['dockerfile/base-not-pinned', based('FROM debian:latest'), 1],
  ['dockerfile/base-not-pinned', based('FROM localhost:5000/debian'), 1],
  ['dockerfile/base-not-pinned', based('ARG BASE=alpine:edge\nFROM $BASE'), 2],
  ['dockerfile/base-not-pinned', `FROM golang AS builder\n${clean}`, 1],
  ['dockerfile/base-not-pinned', based('FROM node:lts-slim'), 1],
  ['dockerfile/base-not-pinned', withLines('COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/'), 2],
  ['dockerfile/base-not-pinned', withLines('RUN --mount=type=bind,from=node,target=/node true'), 2],
  ['dockerfile/add-url', withLines('ADD https://example.org/tool.tar.gz /opt/'), 2],
  ['dockerfile/add-url', withLines('ARG V=1', 'ADD ["https://example.org/tool-$V", "/opt/"]'), 3],
  ['dockerfile/add-url', withLines('ADD https://github.com/a/b.git#main /opt'), 2],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN pip install --no-cache-dir -r /app/requirements.txt'), 3],
  ['dockerfile/cache-order', withLines('COPY rootfs /', 'RUN apk add --no-cache curl'), 3],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN go install example.org/tool@v1.2.0'), 3],
  ['dockerfile/cache-order', `${built}COPY --chown=1:1 ./ /src\nRUN npm ci\n${clean}`, 3],
  ['layer/deleted-later', withLines('RUN apk add --no-cache curl', 'RUN apk del curl'), 3],
  ['layer/deleted-later', withLines('RUN pip install x', 'RUN rm -rf /root/.cache'), 3],
  ['layer/deleted-later', withLines('COPY model.zip /tmp/', 'RUN unzip /tmp/model.zip && rm -f /tmp/model.zip'), 3],
  ['layer/chown-copy', withLines('COPY app /opt/app', 'RUN chown -R nobody /opt/app/'), 3],
  ['addon/s6-with-init', clean.replace('["/run.sh"]', '["/init"]'), 5, { target: addon({ run: runConfig() }) }],
  [
    'addon/s6-with-init',
    based('FROM ghcr.io/home-assistant/amd64-base:3.20').replace(/\nENTRYPOINT.*/, ''),
    1,
    { target: addon({ run: runConfig() }) },
  ],
  [
    'addon/s6-with-init',
    based('FROM lscr.io/linuxserver/x:1.2.3').replace(/\nENTRYPOINT.*/, ''),
    1,
    { target: addon({ run: runConfig() }) },
  ],
  ['image/labels', clean, 1, { target: addon({ labels: new Map() }) }],
  ['image/labels', withLines('LABEL io.hass.url="https://x/{arch}"'), 2],
])('%s finds it in %j', (rule, dockerfile, line, more = {}) => {
  const found = audit(dockerfile, more).filter((finding) => finding.rule === rule)
  expect(found).toMatchObject([{ where: { file: 'addon/Dockerfile', line } }])
})

test.each<[rule: string, dockerfile: string, more?: Partial<AuditInput>]>([
  ['image/build-tools', `${built}RUN apk add --no-cache gcc\n${clean}`],
  ['image/build-tools', withLines('RUN apk add --no-cache -t .b gcc && make && apk del .b')],
  ['image/build-tools', withLines('RUN apk add --no-cache libgcc gcompat makedepend-docs && echo apk add gcc')],
  [
    'image/build-tools',
    withLines(
      'RUN apt-get install -y gcc && make && apt-get purge -y --auto-remove gcc && rm -rf /var/lib/apt/lists/*',
    ),
  ],
  ['image/root-user', clean.replace('USER nobody', 'USER 1000:0')],
  ['image/root-user', clean.replace('USER nobody', 'ARG WHO=app\nUSER $WHO')],
  [
    'image/root-user',
    `FROM base:1.0 AS a\nUSER app\n${clean.replace('FROM base:1.0', 'FROM a').replace('USER nobody\n', '')}`,
  ],
  [
    'image/slow-healthcheck',
    clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=5m --start-period=60s --start-interval=2s'),
  ],
  ['image/slow-healthcheck', clean.replace('HEALTHCHECK', 'HEALTHCHECK --interval=90s')],
  ['secret/environment', withLines('ENV MQTT_PASSWORD= DB_PASSWORD_FILE=/run/secrets/db TOKEN=/run/secrets/t PWD=x')],
  ['secret/environment', withLines('ENV TOKENIZER=fast KEYBOARD=us GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305')],
  ['secret/build-argument', withLines('ARG VERSION', 'ARG TOKENS_PER_MINUTE=5')],
  ['image/package-cache', withLines('RUN apk add --no-cache curl')],
  ['image/package-cache', withLines('RUN apk update && apk add curl && rm -rf /var/cache/apk/*')],
  ['image/package-cache', withLines('RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*')],
  [
    'image/package-cache',
    withLines('RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get install -y curl'),
  ],
  ['image/package-cache', withLines('ENV PIP_NO_CACHE_DIR=1', 'RUN pip install flask')],
  ['image/package-cache', withLines('RUN --mount=type=cache,target=/root/.cache pip install flask')],
  ['image/package-cache', `${built}RUN apk add gcc\n${clean}`],
  // pip takes any value for a yes: https://github.com/pypa/pip/issues/5385
  ['image/package-cache', withLines('ENV PIP_NO_CACHE_DIR=false', 'RUN pip install flask')],
  ['image/package-cache', based('FROM ghcr.io/home-assistant/amd64-base-python:3.13\nRUN pip install flask')],
  ['image/package-cache', withLines('RUN pip install flask && rm -rf ~/.cache')],
  ['image/package-cache', withLines('ENV PIP_CACHE_DIR=/tmp/pip', 'RUN pip install flask && rm -rf /tmp/*')],
  ['image/package-cache', withLines('RUN apt-get install -y curl')],
  ['image/package-cache', withLines('RUN npm ci && npm cache clean --force')],
  ['image/package-cache', withLines('USER node', 'RUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci')],
  ['image/package-cache', withLines('RUN uv pip install --system --no-cache flask')],
  ['image/package-cache', withLines('ENV UV_NO_CACHE=true', 'RUN uv pip install --system flask')],
  [
    'image/virtual-leftover',
    withLines('RUN apk add --no-cache --virtual .build-deps zlib && make && apk del --no-network .build-deps'),
  ],
  ['dockerfile/base-not-pinned', based('FROM debian:12')],
  ['dockerfile/base-not-pinned', based(`FROM debian@sha256:${'a'.repeat(64)}`)],
  ['dockerfile/base-not-pinned', based('FROM scratch')],
  ['dockerfile/base-not-pinned', based(`ARG BASE\nFROM \${BASE:-alpine:3.20}`)],
  ['dockerfile/base-not-pinned', `FROM base:2 AS latest\n${based('FROM latest')}`],
  ['dockerfile/base-not-pinned', `FROM base:2 AS Build\n${withLines('COPY --from=build /a /', 'COPY --from=0 /b /')}`],
  [
    'dockerfile/base-not-pinned',
    withLines('COPY --from=wheels / /wheels'),
    { target: addon({ buildContexts: new Map([['wheels', 'dist']]) }) },
  ],
  [
    'dockerfile/add-url',
    withLines(
      'ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/a /a',
    ),
  ],
  ['dockerfile/add-url', withLines(`ADD https://github.com/a/b.git#${'0'.repeat(40)} /opt`, 'ADD rootfs.tar.gz /')],
  [
    'dockerfile/cache-order',
    withLines('COPY requirements.txt /app/', 'RUN pip install --no-cache-dir -r /app/requirements.txt', 'COPY . /app'),
  ],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN pip install --no-cache-dir /app')],
  ['dockerfile/cache-order', withLines('COPY --from=builder . /app', 'RUN apk add --no-cache curl')],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN go build ./...')],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN go install ./cmd/...')],
  ['dockerfile/cache-order', withLines('COPY . /app', 'RUN pip install --no-cache-dir dist/*.whl')],
  [
    'dockerfile/cache-order',
    withLines('COPY uv.lock ./', 'RUN uv sync --no-install-project', 'COPY src ./src', 'RUN uv sync'),
  ],
  ['layer/deleted-later', withLines('RUN apk add --no-cache -t .b gcc && make && apk del .b', 'RUN rm -rf /tmp/x')],
  ['layer/deleted-later', withLines('RUN pip install --no-cache-dir x', 'RUN rm -rf /root/.cache')],
  ['layer/deleted-later', withLines('COPY requirements.txt /tmp/', 'RUN cat /tmp/x && rm /tmp/requirements.txt')],
  ['layer/chown-copy', withLines('COPY --chown=nobody app /opt/app', 'RUN chown -R nobody /opt/app')],
  ['layer/chown-copy', withLines('COPY app /opt/app', 'RUN chown nobody /opt/app /data && chown -R nobody /data')],
  ['addon/s6-with-init', clean.replace('["/run.sh"]', '["/init"]'), { target: addon() }],
  ['addon/s6-with-init', based('FROM ghcr.io/home-assistant/amd64-base:3.20'), { target: addon({ run: runConfig() }) }],
  ['image/labels', withLines('LABEL io.hass.url="https://x/y" org.example="{arch}"')],
])('%s leaves %j alone', (rule, dockerfile, more = {}) => {
  expect(rulesOf(audit(dockerfile, more))).not.toContain(rule)
})

test.each<[rule: string, what: string, dockerfile: string, severity: string | undefined, more?: Partial<AuditInput>]>([
  ['addon/s6-with-init', 's6-overlay 3', bare(v3), 'error', withInit],
  ['addon/s6-with-init', 's6-overlay 2', bare(v2), undefined, withInit],
  ['addon/s6-with-init', 'an s6-overlay that is not known', bare(unsure), 'notice', withInit],
  ['addon/s6-with-init', 'an /init that is not known', clean.replace('["/run.sh"]', '["/init"]'), 'notice', withInit],
  [
    'addon/s6-with-init',
    'a base image, which is never installed',
    bare(v3),
    undefined,
    { target: addon({ addon: 'debian-base', run: runConfig({ init: true }) }) },
  ],
  ['image/not-executable', 'a service of s6-overlay 3', bare(v3), 'error', notExecutable(run)],
  ['image/not-executable', 'a service of s6-overlay 2', bare(v2), undefined, notExecutable(run)],
  ['image/not-executable', 'a service of an s6-overlay that is not known', bare(unsure), 'notice', notExecutable(run)],
  [
    'image/not-executable',
    'a service that s6-overlay does not start',
    based(v3).replace('--chmod=0755 ', ''),
    'notice',
    notExecutable(run),
  ],
  [
    'image/not-executable',
    'a script of cont-init.d of s6-overlay 2',
    bare(v2),
    undefined,
    notExecutable('etc/cont-init.d/a.sh'),
  ],
  ['image/build-tools', 'binutils alone', withLines('RUN apk add --no-cache binutils'), 'notice'],
  ['image/build-tools', 'binutils with a compiler', withLines('RUN apk add --no-cache binutils gcc'), 'warning'],
  [
    'image/build-tools',
    'a package that a later RUN uninstalls',
    withLines('RUN apt-get install -y build-essential', 'RUN make', 'RUN apt-get purge -y build-essential'),
    undefined,
  ],
  [
    'image/build-tools',
    'a group that a later RUN uninstalls',
    withLines('RUN apk add --no-cache -t .build gcc', 'RUN make', 'RUN apk del .build'),
    undefined,
  ],
  [
    'image/build-tools',
    'one of two packages that a later RUN uninstalls',
    withLines('RUN apk add --no-cache gcc cmake', 'RUN apk del gcc'),
    'warning',
  ],
  [
    'image/build-tools',
    'what an earlier RUN uninstalls',
    withLines('RUN apk del gcc', 'RUN apk add --no-cache gcc'),
    'warning',
  ],
  [
    'layer/deleted-later',
    'a package that a later RUN uninstalls while it installs another',
    withLines('RUN apt-get install -y gcc', 'RUN apt-get install -y curl && apt-get purge -y gcc'),
    'warning',
  ],
  [
    'layer/deleted-later',
    'a group of the same name in two RUNs',
    withLines('RUN apk add -t .b gcc && apk del .b', 'RUN apk add -t .b gcc && apk del .b'),
    undefined,
  ],
  [
    'image/virtual-leftover',
    'a group that a later RUN deletes',
    withLines('RUN apk add --no-cache -t .build gcc', 'RUN apk del .build'),
    undefined,
  ],
  [
    'image/virtual-leftover',
    'a group of packages for run time',
    withLines('RUN apk add --no-cache --virtual .run-deps libjpeg nginx'),
    undefined,
  ],
  [
    'image/virtual-leftover',
    'a group that may be for run time',
    withLines('RUN apk add --no-cache --virtual .mjpeg libjpeg nginx'),
    'notice',
  ],
  [
    'image/virtual-leftover',
    'a group that holds headers',
    withLines('RUN apk add --no-cache --virtual .mjpeg libjpeg-turbo-dev'),
    'warning',
  ],
  [
    'image/virtual-leftover',
    'a group to build with',
    withLines('RUN apk add --no-cache -t .build-deps git'),
    'warning',
  ],
  ['image/root-user', 'a base that is not known', 'ARG BUILD_FROM\nFROM $BUILD_FROM\nCMD ["/run.sh"]\n', 'notice'],
  ['image/root-user', 'a base that is not known, and USER', 'ARG BUILD_FROM\nFROM $BUILD_FROM\nUSER 0\n', 'warning'],
])('%s of %s', (rule, _, dockerfile, severity, more = {}) => {
  const found = audit(dockerfile, more).filter((finding) => finding.rule === rule)
  expect(found.map((finding) => finding.severity)).toEqual(severity === undefined ? [] : [severity])
})

test('takes the value that the build gives to an argument, not its default', () => {
  const dockerfile = clean.replace('USER nobody', 'ARG WHO=app\nUSER $WHO')
  const target = addon({ buildArguments: new Map([['WHO', 'root']]) })
  expect(rulesOf(audit(dockerfile, { target }))).toContain('image/root-user')
})

test('judges the stage that is built, not those beside it', () => {
  const dockerfile = `FROM base:1.0 AS dev\nRUN apk add gcc\n${clean}`
  expect(rulesOf(audit(dockerfile))).toEqual([])
  expect(rulesOf(audit(dockerfile, { target: addon({ stage: 'dev' }) }))).toContain('image/build-tools')
})

test('says of s6-overlay as root what can be done about it, as a notice', () => {
  const dockerfile = clean.replace('["/run.sh"]', '["/init"]').replace('USER nobody\n', '')
  expect(audit(dockerfile)).toMatchObject(
    [{ rule: 'image/root-user', severity: 'notice', fix: /s6-setuidgid/ }].map(({ fix, ...rest }) => ({
      ...rest,
      fix: expect.stringMatching(fix),
    })),
  )
})

test('asks for no health check of what does its work and ends', () => {
  const target = addon({ run: runConfig({ init: false, startup: 'once' }) })
  expect(audit(clean.replace(/HEALTHCHECK.*\n/, ''), { target })).toEqual([])
})

test('counts a watchdog in config.yaml as half a health check', () => {
  const target = addon({ run: runConfig({ init: false, watchdog: 'tcp://[HOST]:80' }) })
  expect(audit(clean.replace(/HEALTHCHECK.*\n/, ''), { target })).toMatchObject([
    { rule: 'image/no-healthcheck', severity: 'notice' },
  ])
})

test('never shows a secret that it found', () => {
  const secret = `ghp_${'s3cr3tX'.repeat(6)}`.slice(0, 40)
  const dockerfile = withLines(
    `ENV X_TOKEN=${secret}`,
    `ARG Y_TOKEN=${secret}`,
    `ADD https://me:${secret}@example.org/x /x`,
  )
  const findings = audit(dockerfile)
  expect(rulesOf(findings)).toEqual(
    expect.arrayContaining(['secret/environment', 'secret/build-argument', 'dockerfile/add-url']),
  )
  expect(JSON.stringify(findings)).not.toContain(secret)
})

test('understands the escape directive, comments between lines, CRLF and here-documents', () => {
  const text = [
    '# escape=`',
    'FROM a:1',
    'RUN apk add `',
    '  # a compiler',
    '  gcc `',
    '',
    '  g++',
    'ENV A=1',
    '',
  ].join('\r\n')
  const { dockerfile } = inputOf(text)
  expect(dockerfile?.chain[0]?.steps).toMatchObject([
    { keyword: 'RUN', line: 3, text: expect.stringMatching(/^apk add\s+gcc\s+g\+\+$/) },
    { keyword: 'ENV', line: 8, pairs: [['A', '1']] },
  ])
})

test('is not misled by a Dockerfile without a stage', () => {
  expect(readModel('# nothing', 'Dockerfile', addon())).toBeUndefined()
  expect(readModel(clean, 'Dockerfile', addon({ stage: 'nobody-knows' }))).toBeUndefined()
})
