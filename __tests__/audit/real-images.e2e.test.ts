import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { Finding } from '../../src/audit/finding.ts'
import { rules } from '../../src/audit/rules.ts'
import { describeWith } from '../environment/describe-with.ts'
import { labelled, openBuildAndAudit } from './build-and-audit.ts'
import { rulesOf } from './subjects.ts'

const ruleIds = rules.map(({ id }) => id)

jest.setTimeout(240_000)

const big = 'x'.repeat(300_000)
const apk = ['P:zlib-dev\nV:1\nI:5000', 'P:gcc\nV:1\nI:90000', 'P:.build-deps\nV:1\nI:0\nD:gcc zlib-dev'].join('\n\n')
const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEow'.repeat(12)}\n-----END PRIVATE KEY-----\n`

/** All that a rule can find fault with, but for what excludes something else. */
const bad = (tiny: string, registry: string) => ({
  'bad/Dockerfile': `FROM --platform=linux/arm64 ${tiny}:aarch64 AS foreign
FROM ${tiny}:amd64
ENV MQTT_PASSWORD=hunter22
ARG NPM_TOKEN
ARG OTHER_SECRET
ADD http://${registry}/v2/ /opt/from-address
COPY . /app
RUN apk add curl || true
COPY --from=foreign /bin/busybox /usr/bin/foreign
COPY apk /lib/apk/db/installed
COPY data /var/cache/apk/index
COPY data /app/__pycache__/a.pyc
COPY shadow /etc/shadow
COPY data /opt/model
RUN rm /opt/model
COPY data /opt/owned
RUN chown 1000:1000 /opt/owned
COPY --chmod=755 bash /usr/bin/needs-bash
COPY --chmod=755 crlf /etc/services.d/b/run
COPY --chmod=644 service /etc/services.d/a/run
RUN cp /bin/busybox /usr/bin/tool && chmod 4755 /usr/bin/tool && chmod 666 /etc/shadow
HEALTHCHECK --interval=5m CMD true
ENTRYPOINT ["/init"]
`,
  'bad/.dockerignore': '*.tmp\n',
  'bad/apk': `${apk}\n`,
  'bad/data': big,
  'bad/tests/data': big,
  'bad/shadow': 'root::1:0:::::\n',
  'bad/bash': '#!/bin/bash\n',
  'bad/crlf': '#!/bin/sh\r\necho\r\n',
  'bad/service': '#!/bin/sh\n',
  'bad/private.key': key,
  'bad/.git/HEAD': 'ref: refs/heads/main\n',
})

/** What most add-ons look like at first. */
const bare = (tiny: string) => ({
  'bare/Dockerfile': `FROM ${tiny}\nCOPY . /app\nCMD httpd -f\n`,
  'bare/app.log': big,
})

const good = (tiny: string) => ({
  'good/Dockerfile': `FROM ${tiny}:amd64 AS builder
COPY apk /lib/apk/db/installed
COPY rootfs /out
RUN echo built > /out/opt/result

FROM ${tiny}:amd64
COPY --link --from=builder /out /
RUN mkdir -p /srv && chown 1000:1000 /srv && chmod 1777 /srv
USER 1000:1000
HEALTHCHECK --interval=30s --start-period=60s --start-interval=2s CMD ["wget", "-qO", "/dev/null", "http://127.0.0.1:8000/"]
ENTRYPOINT ["/run.sh"]
`,
  'good/.dockerignore': '*\n!apk\n!rootfs\n',
  'good/apk': `${apk}\n`,
  'good/rootfs/run.sh': '#!/bin/sh\nexec httpd -f -p 8000\n',
  'good/rootfs/opt/keep': 'x',
  'good/.git/HEAD': 'ref: refs/heads/main\n',
})

/** s6-overlay by where its versions have their files; the base's name says nothing. The service lacks the right to be executed. */
const s6 = (name: string, tiny: string, file: string) => ({
  [`${name}/Dockerfile`]: `FROM ${tiny}:amd64
RUN mkdir -p /${file} && cp /bin/busybox /init
COPY rootfs /
ENTRYPOINT ["/init"]
`,
  [`${name}/rootfs/etc/services.d/a/run`]: '#!/bin/sh\n',
})

describeWith(['engine', 'registry', 'bases'], 'the audit of real images', ({ registry = '', bases }) => {
  const folder = mkdtempSync(join(tmpdir(), 'aud-'))
  const tiny = bases?.tiny ?? ''
  const buildAndAudit = openBuildAndAudit(folder)

  let found: Readonly<Record<'bad' | 'bare' | 'good' | 'second' | 'third', readonly Finding[]>>

  beforeAll(async () => {
    const second = s6('second', tiny, 'etc/s6/init')
    const third = s6('third', tiny, 'package/admin/s6-overlay-3.1.5.0')
    const files = { ...bad(tiny, registry), ...bare(tiny), ...good(tiny), ...second, ...third }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text, { mode: path.endsWith('run.sh') ? 0o755 : 0o644 })
    }
    const [first, naked, clean] = await Promise.all([
      buildAndAudit('bad', { init: true, build: ['--build-arg', 'NPM_TOKEN=s3cr3t-value'] }),
      buildAndAudit('bare', { build: labelled }),
      buildAndAudit('good', { build: labelled }),
    ])
    found = {
      bad: first,
      bare: naked,
      good: clean,
      second: await buildAndAudit('second', { init: true, build: labelled }),
      third: await buildAndAudit('third', { init: true, build: labelled }),
    }
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // These exclude what `bad` shows: no HEALTHCHECK and a slow one, an ignore file that is weak and none, a moving tag.
  const ofBare = ['image/no-healthcheck', 'dockerfile/base-not-pinned', 'context/no-ignore-file', 'image/root-user']

  test.each(ruleIds.filter((rule) => rule === 'image/root-user' || !ofBare.includes(rule)))('reports %s', (rule) => {
    expect(rulesOf(found.bad)).toContain(rule)
  })

  test.each(ofBare)('reports %s in a bare image', (rule) => {
    expect(rulesOf(found.bare)).toContain(rule)
  })

  test('reports incompatibilities with s6-overlay 3 only if the image contains version 3', () => {
    const ofS6 = ({ rule }: Finding) => rule === 'addon/s6-with-init' || rule === 'image/not-executable'
    expect(found.second.filter(ofS6)).toEqual([])
    expect(found.third.filter(ofS6).map(({ rule, severity, where }) => [rule, severity, where?.file])).toEqual([
      ['image/not-executable', 'error', 'third/rootfs/etc/services.d/a/run'],
      ['addon/s6-with-init', 'error', 'third/Dockerfile'],
    ])
  })

  test('reports nothing in a good image', () => {
    expect(found.good).toEqual([])
  })

  test('reports the line of the layer and the bytes that a fix saves', () => {
    expect(found.bad.filter(({ rule }) => /^layer|^image\/build-tools/.test(rule))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          rule: 'layer/deleted-later',
          where: expect.objectContaining({ line: 15 }),
          bytes: 300_000,
        }),
        expect.objectContaining({
          rule: 'layer/chown-copy',
          where: expect.objectContaining({ line: 17 }),
          bytes: 300_000,
        }),
        expect.objectContaining({
          rule: 'image/build-tools',
          where: expect.objectContaining({ line: 10 }),
          bytes: 90_000,
        }),
      ]),
    )
  })

  test('reports no secrets', () => {
    expect(JSON.stringify(found.bad)).not.toMatch(/s3cr3t-value|hunter22|MIIEow/)
  })
})
