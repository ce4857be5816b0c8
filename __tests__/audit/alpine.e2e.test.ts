import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { labelled, openBuildAndAudit } from './build-and-audit.ts'

jest.setTimeout(400_000)

const run = promisify(execFile)
const alpineFolder = join(import.meta.dirname, 'alpine')

const start = (alpine: string) => `FROM ${alpine}\nARG REPOSITORY\nRUN echo "v3 $REPOSITORY" > /etc/apk/repositories\n`
const end = 'USER nobody\nHEALTHCHECK CMD ["true"]\n'

describeWith(['engine', 'registry', 'bases'], 'the audit of images of a real Alpine', ({ registry, bases }) => {
  const folder = mkdtempSync(join(tmpdir(), 'aud-alpine-'))
  const alpine = `${registry}/aud-${randomBytes(4).toString('hex')}/alpine:3.23`
  const packages = join(folder, 'packages')
  const buildAndAudit = openBuildAndAudit(folder)
  let server: Server

  const build = (...args: readonly string[]) =>
    run('docker', [
      ...['buildx', 'build', '--platform', 'linux/amd64', '--provenance=false'],
      ...['--build-arg', `BASE=${bases?.python}:amd64`, ...args, alpineFolder],
    ])

  beforeAll(async () => {
    await build('--target', 'alpine', '--output', `type=image,name=${alpine},push=true`)
    await build('--target', 'repository', '--output', `type=local,dest=${packages}`)
    server = createServer((request, response) => {
      const file = createReadStream(join(packages, new URL(request.url ?? '/', 'http://x').pathname))
      file.on('error', () => response.writeHead(404).end())
      file.pipe(response)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })

  afterAll(() => {
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What is found, but for what has nothing to do with Alpine. */
  async function found(name: string, ...lines: readonly string[]) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'Dockerfile'), `${start(alpine)}${lines.join('\n')}\n${end}`)
    const { port } = server.address() as AddressInfo
    const network = ['--network=host', '--allow=network.host', '--build-arg', `REPOSITORY=http://127.0.0.1:${port}`]
    const findings = await buildAndAudit(name, { build: [...network, ...labelled] })
    return findings.map(({ rule, where, bytes }) => [rule, where?.line, bytes])
  }

  test('reports files left behind by apk, with their size', async () => {
    expect(
      await found(
        'left',
        'RUN apk add --allow-untrusted --virtual .build-deps gcc musl-dev',
        'RUN apk add --allow-untrusted --no-cache zlib-dev libmodem',
      ),
    ).toEqual([
      ['image/build-tools', 4, 600_000],
      ['image/virtual-leftover', 4, 600_000],
      ['image/dev-packages', 5, 300_000],
      ['image/package-cache', 4, expect.any(Number)],
    ])
  })

  test('reports files that apk deletes in a later layer', async () => {
    expect(
      await found(
        'late',
        'RUN apk add --allow-untrusted --no-cache --virtual .build-deps gcc musl-dev',
        'RUN apk del --no-network .build-deps',
      ),
    ).toEqual([['layer/deleted-later', 5, 600_000]])
  })

  test('reports nothing if one RUN installs, uses and deletes', async () => {
    expect(
      await found(
        'good',
        'RUN apk add --allow-untrusted --no-cache libmodem && \\',
        '    apk add --allow-untrusted --no-cache --virtual .build-deps gcc musl-dev && \\',
        '    apk del --no-network .build-deps',
      ),
    ).toEqual([])
  })
})
