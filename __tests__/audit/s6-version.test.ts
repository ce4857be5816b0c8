import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type S6Version, s6OfBase, s6VersionOf } from '../../src/audit/s6-version.ts'
import { anyText } from '../fixtures/any-text.ts'
import type { Member } from '../image/samples/tar.ts'
import { addon, imageOf, inputOf } from './subjects.ts'

describe('the s6-overlay of a base, by its name', () => {
  test.each<[S6Version | undefined, string]>([
    // Home Assistant: version 3 since release 2022.05.1 of docker-base. A tag without a date moves with every release that still builds it.
    ['v2', 'homeassistant/amd64-base:3.11'],
    ['v2', 'ghcr.io/home-assistant/aarch64-base:3.10'],
    [undefined, 'ghcr.io/home-assistant/amd64-base:3.12'],
    ['v3', 'ghcr.io/home-assistant/amd64-base:3.13'],
    ['v3', 'homeassistant/armv7-base:3.19'],
    ['v3', 'ghcr.io/home-assistant/base:3.23'],
    ['v3', 'ghcr.io/home-assistant/aarch64-base:latest'],
    ['v3', 'ghcr.nju.edu.cn/home-assistant/amd64-base'],
    ['v2', 'ghcr.io/home-assistant/amd64-base:3.15-2022.05.0'],
    ['v3', 'ghcr.io/home-assistant/amd64-base:3.12-2022.05.1'],
    ['v2', 'ghcr.io/home-assistant/amd64-base:3.13-2021.09.1'],
    ['v3', 'ghcr.io/home-assistant/aarch64-base:3.24-2026.06.1'],
    ['v2', 'homeassistant/amd64-base-debian:stretch'],
    ['v3', 'homeassistant/amd64-base-debian:buster'],
    ['v3', 'ghcr.io/home-assistant/amd64-base-debian:trixie-2025.12.2'],
    ['v3', 'ghcr.io/home-assistant/armhf-base-raspbian:bookworm'],
    ['v3', 'homeassistant/amd64-base-ubuntu:20.04'],
    ['v2', 'homeassistant/amd64-base-python:3.7'],
    ['v2', 'homeassistant/amd64-base-python:3.7-alpine3.13'],
    ['v2', 'homeassistant/amd64-base-python:3.9-alpine3.12'],
    ['v3', 'homeassistant/armhf-base-python:3.10-alpine3.16'],
    ['v3', 'ghcr.io/home-assistant/base-python:3.14-alpine3.23'],
    [undefined, 'homeassistant/amd64-base-python:3.8'],
    [undefined, 'ghcr.io/home-assistant/amd64-base:dev'],
    // Community add-ons: base 12, debian-base 6, ubuntu-base 8, base-python 9, every base-nodejs.
    ['v2', 'hassioaddons/base-amd64:7.2.0'],
    ['v2', 'hassioaddons/base:9.2.2'],
    ['v2', 'ghcr.io/hassio-addons/base/aarch64:11.1.2'],
    ['v3', 'ghcr.io/hassio-addons/base/armv7:12.0.0'],
    ['v3', 'ghcr.io/hassio-addons/base:21.0.2'],
    ['v3', 'ghcr.io/hassio-addons/base/amd64:stable'],
    ['v2', 'ghcr.io/hassio-addons/debian-base/amd64:5.3.1'],
    ['v2', 'hassioaddons/debian-base-aarch64:3.2.0'],
    ['v3', 'ghcr.io/hassio-addons/debian-base:6.0.0'],
    ['v2', 'hassioaddons/ubuntu-base-armv7:5.0.2'],
    ['v2', 'ghcr.io/hassio-addons/ubuntu-base/amd64:7.2.0'],
    ['v3', 'ghcr.io/hassio-addons/ubuntu-base/i386:8.0.0'],
    ['v2', 'hassioaddons/base-python-amd64:5.2.1'],
    ['v2', 'ghcr.io/hassio-addons/base-python/amd64:8.1.1'],
    ['v3', 'ghcr.io/hassio-addons/base-python:9.0.0'],
    ['v3', 'ghcr.io/hassio-addons/base-nodejs:0.2.5'],
    [undefined, 'hassioaddons/base'],
    [undefined, 'hassioaddons/base:latest'],
    // LinuxServer: the tags of branches; numbered builds and applications may be of any age.
    ['v3', 'ghcr.io/linuxserver/baseimage-debian:amd64-bookworm'],
    ['v3', 'lscr.io/linuxserver/baseimage-alpine:3.18'],
    ['v2', 'lscr.io/linuxserver/baseimage-alpine:arm64v8-3.12'],
    ['v3', 'lscr.io/linuxserver/baseimage-ubuntu:jammy'],
    [undefined, 'lscr.io/linuxserver/baseimage-ubuntu:bionic'],
    [undefined, 'linuxserver/znc:amd64-znc-1.8.2-ls41'],
    [undefined, 'lscr.io/linuxserver/bazarr:amd64-latest'],
    // Others.
    [undefined, 'alpine:3.20'],
    [undefined, 'example.org/my/base:3.20'],
    [undefined, `ghcr.io/hassio-addons/base@sha256:${'a'.repeat(64)}`],
    ['v3', `ghcr.io/hassio-addons/base:21.0.2@sha256:${'a'.repeat(64)}`],
    ['v2', 'registry:5000/hassioaddons/base-amd64:7.2.0'],
    [undefined, ''],
  ])('is %s in %s', (version, name) => {
    expect(s6OfBase(name)).toBe(version)
  })

  test('is deterministic for any text', () => {
    const part = fc.constantFrom('hassio-addons', 'home-assistant', 'base', 'debian-base', 'amd64', '/', ':', '-', '.')
    const text = fc.oneof(
      anyText(),
      fc.array(fc.oneof(part, fc.nat().map(String))).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (name) => {
        expect([undefined, 'v2', 'v3']).toContain(s6OfBase(name))
        expect(s6OfBase(name)).toBe(s6OfBase(name))
      }),
    )
  })
})

describe('the s6-overlay that a Dockerfile installs', () => {
  const release = 'https://github.com/just-containers/s6-overlay/releases/download'
  test.each<[S6Version | undefined, string, readonly string[]]>([
    ['v2', 'by its address', [`RUN curl -sL ${release}/v1.22.1.0/s6-overlay-amd64.tar.gz | tar xz -C /`]],
    ['v3', 'by ADD', [`ADD ${release}/v3.1.5.0/s6-overlay-noarch.tar.xz /tmp`]],
    [
      'v3',
      'by an argument',
      ['ARG S6_OVERLAY_VERSION="3.2.1.0"', `RUN curl -sL ${release}/v\${S6_OVERLAY_VERSION}/s6-overlay-noarch.tar.xz`],
    ],
    ['v2', 'by an argument with its "v"', ['ARG S6=v2.2.0.3', `ADD ${release}/$S6/s6-overlay-amd64.tar.gz /tmp`]],
    [
      'v3',
      'by the later of two',
      [`ADD ${release}/v2.2.0.3/s6-overlay-amd64.tar.gz /`, `ADD ${release}/v3.1.5.0/s6-overlay-noarch.tar.xz /`],
    ],
    [undefined, 'not by an argument that is empty', ['ARG S6', `ADD ${release}/v\${S6}/s6-overlay-amd64.tar.gz /tmp`]],
    [undefined, 'not by a mention', [`# ${release}/v1.22.1.0/x`, 'RUN echo s6-overlay']],
  ])('is %s %s', (version, _, lines) => {
    expect(s6VersionOf(inputOf(['FROM alpine:3.20', ...lines].join('\n')))).toBe(version)
  })

  test('takes precedence over the name of the base', () => {
    const dockerfile = `FROM ghcr.io/hassio-addons/base:21.0.2\nADD ${release}/v2.2.0.3/s6-overlay-amd64.tar.gz /\n`
    expect(s6VersionOf(inputOf(dockerfile))).toBe('v2')
  })

  test('is that of the planned base, not of the default', () => {
    const dockerfile = 'ARG BUILD_FROM=ghcr.io/hassio-addons/base:21.0.2\nFROM $BUILD_FROM\n'
    const target = addon({ baseImage: 'ghcr.io/hassio-addons/base/amd64:9.1.7' })
    expect([s6VersionOf(inputOf(dockerfile)), s6VersionOf(inputOf(dockerfile, { target }))]).toEqual(['v3', 'v2'])
  })
})

describe('the s6-overlay of an image', () => {
  const init: Member = { path: 'init', content: '#!/bin/sh\n', mode: 0o755 }
  const old: Member = { path: 'etc/s6/init/init-stage2', content: '#!/bin/execlineb\n', mode: 0o755 }
  const third: Member = { path: 'package/admin/s6-overlay-3.1.5.0/etc/s6-rc/up', content: 'x' }
  test.each<[S6Version | undefined, string, string, readonly (readonly Member[])[]]>([
    ['v2', 'by its files, whatever the base is called', 'ghcr.io/hassio-addons/base:21.0.2', [[init, old]]],
    ['v3', 'by its files, whatever the base is called', 'ghcr.io/hassio-addons/base/amd64:9.1.7', [[init, third]]],
    ['v3', 'where a later layer puts version 3 over version 2', 'alpine:3.20', [[init, old], [third]]],
    [
      'v2',
      'where a later layer takes version 3 away',
      'alpine:3.20',
      [[init, old, third], [{ path: 'package/admin/.wh.s6-overlay-3.1.5.0' }]],
    ],
    [
      'v2',
      'by the name where the image has no files of it',
      'ghcr.io/hassio-addons/base/amd64:9.1.7',
      [[{ path: 'x', content: 'x' }]],
    ],
    [undefined, 'where /init is something else', 'alpine:3.20', [[init, { path: 'etc/s6/x', content: 'x' }]]],
    [undefined, 'without /init', 'alpine:3.20', [[old, third]]],
    [
      undefined,
      'where files only look like it',
      'alpine:3.20',
      [[init, { path: 'package/admin/s6-overlays/x', content: 'x' }, { path: 'etc/s6/init', content: 'x' }]],
    ],
  ])('is %s %s', async (version, _, base, layers) => {
    expect(s6VersionOf({ ...inputOf(`FROM ${base}\n`), image: await imageOf({ layers }) })).toBe(version)
  })
})
