import { expect, test } from '@jest/globals'
import { auditTarget } from '../../src/audit/audit.ts'
import { auditImage, base, big, config } from './images.ts'
import { addon, audit, clean, contextOf, type ImageRecipe, imageOf, inputOf, rulesOf, withLines } from './subjects.ts'

test('a clean Dockerfile has no findings', () => {
  expect(audit(clean, { context: contextOf() })).toEqual([])
})

test('a clean image has no findings, with any base image', async () => {
  expect(await auditImage({})).toEqual([])
})

test('only the built stage counts', () => {
  const dockerfile = `FROM base:1.0 AS dev\nRUN apk add gcc\n${clean}`
  expect(rulesOf(audit(dockerfile))).toEqual([])
  expect(rulesOf(audit(dockerfile, { target: addon({ stage: 'dev' }) }))).toContain('image/build-tools')
})

test('findings never contain the secret', () => {
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

test('a layer leads to its line of the Dockerfile, and a script to its file', async () => {
  const dockerfile = 'FROM base:1.0\nCOPY rootfs /\nRUN rm -rf /opt/model\nUSER nobody\n'
  const recipe: ImageRecipe = {
    dockerfile,
    layers: [
      base,
      [
        { path: 'opt/model', content: big },
        { path: 'etc/services.d/a/run', content: '#!/bin/sh\r\n', mode: 0o755 },
      ],
      [{ path: 'opt/.wh.model' }],
    ],
    history: [
      { created_by: 'ADD base' },
      { created_by: 'COPY rootfs / # buildkit' },
      { created_by: 'RUN /bin/sh -c rm -rf /opt/model # buildkit' },
    ],
    config,
  }
  const context = contextOf({}, [{ path: 'rootfs/etc/services.d/a/run', crlf: true, executable: true }])
  const findings = auditTarget({ ...inputOf(dockerfile, { context }), image: await imageOf(recipe) })
  expect(findings).toMatchObject([
    { rule: 'image/crlf-script', where: { file: 'addon/rootfs/etc/services.d/a/run', line: 1 } },
    { rule: 'layer/deleted-later', where: { file: 'addon/Dockerfile', line: 3 } },
  ])
})

test('names from an image are plain text', async () => {
  const hostile = 'app/\u202egnp.\u001b[31mexe\nx/.git/HEAD'
  const [finding] = await auditImage({ layers: [[{ path: hostile, content: 'x' }]] })
  expect(finding?.rule).toBe('image/vcs-folder')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect(finding?.message).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/)
})
