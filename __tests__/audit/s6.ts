import { runConfig } from '../fixtures/target.ts'
import type { Member } from '../image/samples/tar.ts'
import { addon, based, contextOf } from './subjects.ts'

export const v3 = 'FROM ghcr.io/home-assistant/amd64-base:3.20'
export const v2 = 'FROM ghcr.io/hassio-addons/base/amd64:11.1.2'
export const unsure = 'FROM lscr.io/linuxserver/znc:amd64-1.8.2-ls41'
/** With the entrypoint of the base image, and without permissions. */
export const bare = (from: string): string =>
  based(from)
    .replace(/\nENTRYPOINT.*/, '')
    .replace('--chmod=0755 ', '')
export const withInit = { target: addon({ run: runConfig({ init: true }) }) }
export const notExecutable = (...paths: readonly string[]) => ({
  context: contextOf(
    {},
    paths.map((path) => ({ path, crlf: false, executable: false })),
  ),
})
export const servicePath = 'rootfs/etc/services.d/a/run'

const init: Member = { path: 'init', content: '#!/bin/sh\n', mode: 0o755 }
export const second: readonly Member[] = [init, { path: 'etc/s6/init/init-stage2', content: 'x' }]
export const third: readonly Member[] = [init, { path: 'package/admin/s6-overlay-3.1.5.0/x', content: 'x' }]
export const idle: Member = { path: 'etc/services.d/a/run', content: '#!/bin/sh\n', mode: 0o644 }
