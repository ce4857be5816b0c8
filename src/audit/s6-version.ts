import { splitReference } from '../core/image-reference.ts'
import { baseImageOf, instructionsOf, type RuleInput } from './rule.ts'

/**
 * Versions 1 and 2 count as one: they set the permissions of cont-init.d and services.d themselves, and run under another init.
 * Version 3 starts these scripts without changing them, and exits at once if it is not process 1.
 * Source: just-containers/s6-overlay, etc/s6/init/init-stage2-fixattrs.txt (v2.2.0.3), MOVING-TO-V3.md.
 */
export type S6Version = 'v2' | 'v3'

/** The s6-overlay version by the content of the image, else by the Dockerfile, else by the name of the base image; undefined if none of them tells. */
export function s6VersionOf(input: RuleInput): S6Version | undefined {
  return input.image?.notes.s6 ?? s6InDockerfile(input) ?? s6OfBase(baseImageOf(input))
}

const download = /s6-overlay\/releases\/download\/v?([\w.${}-]{1,200})/

/** The version that the Dockerfile downloads from the releases of s6-overlay. */
function s6InDockerfile(input: RuleInput): S6Version | undefined {
  const version = instructionsOf(input, 'RUN', 'ADD')
    .flatMap(({ text }) => download.exec(text)?.[1] ?? [])
    .at(-1)
  const major = /^v?(\d{1,3})(?:\.|$)/.exec(input.dockerfile?.value(version ?? '') ?? '')?.[1]
  return major === undefined ? undefined : of(Number(major) >= 3)
}

const of = (isThird: boolean): S6Version => (isThird ? 'v3' : 'v2')

/** The s6-overlay version of a well-known base image by its name and tag; undefined for others, and if the tag does not tell. */
export function s6OfBase(reference: string): S6Version | undefined {
  if (reference === '' || reference.length > 512) return undefined
  const { name, tag, digest } = splitReference(reference)
  // A digest without a tag does not tell the version.
  if (tag === undefined && digest !== undefined) return undefined
  for (const [pattern, version] of bases) {
    const found = pattern.exec(name)
    if (found) return version(tag ?? 'latest', found[1] ?? '')
  }
  return undefined
}

type ByTag = (tag: string, kind: string) => S6Version | undefined

const architecture = '(?:aarch64|amd64|armhf|armv7|i386)'

const bases: readonly (readonly [name: RegExp, version: ByTag])[] = [
  [
    new RegExp(`(?:^|/)home-?assistant/(?:${architecture}-)?base(?:-(python|debian|raspbian|ubuntu))?$`),
    ofHomeAssistant,
  ],
  [
    new RegExp(`(?:^|/)hassio-addons/((?:debian-|ubuntu-)?base|base-python|base-nodejs)(?:/${architecture})?$`),
    (tag, kind) => ofCommunity(tag, kind) ?? (/^(?:stable|latest|edge)$/.test(tag) ? 'v3' : undefined),
  ],
  // Docker Hub has only old versions of these, so the version of "latest" is not certain.
  [
    new RegExp(`(?:^|/)hassioaddons/((?:debian-|ubuntu-)?base|base-python|base-nodejs)(?:-${architecture})?$`),
    ofCommunity,
  ],
  [/(?:^|\/)linuxserver\/baseimage-(alpine|debian|ubuntu)$/, ofLinuxServer],
]

/** Tags without a date move: the last release that built them counts. Source: home-assistant/docker-base, s6-overlay 3 since 2022.05.1. */
function ofHomeAssistant(tag: string, kind: string): S6Version | undefined {
  const release = /(?:^|-)(\d{4})\.(\d\d)\.(\d{1,3})$/.exec(tag)
  if (release) {
    const [year = 0, month = 0, patch = 0] = release.slice(1).map(Number)
    return of(year * 100 + month > 202_205 || (year * 100 + month === 202_205 && patch >= 1))
  }
  if (tag === 'latest') return 'v3'
  if (kind === 'python') return ofPython(tag)
  if (kind === 'ubuntu') return /^(?:1[68]|2\d)\.04$/.test(tag) ? 'v3' : undefined
  if (kind === 'debian' || kind === 'raspbian') return ofDebian(tag)
  return ofAlpine(/^3\.(\d{1,3})$/.exec(tag)?.[1])
}

/** 3.11 was last built in 2022-02; 3.12 with the release that brought s6-overlay 3 and with none after it, so either may be there. */
function ofAlpine(minor: string | undefined): S6Version | undefined {
  if (minor === undefined || minor === '12') return undefined
  return of(Number(minor) > 12)
}

/** `3.9`, `3.9-alpine3.16`. Python 3.7 was last built in 2022.05.0, as were all on Alpine 3.12; 3.10 came with 2022.05.1. */
function ofPython(tag: string): S6Version | undefined {
  const [python, alpine] = /^3\.(\d{1,3})(?:-alpine3\.(\d{1,3}))?$/.exec(tag)?.slice(1) ?? []
  if (python === undefined) return undefined
  if (Number(python) <= 7) return 'v2'
  if (alpine !== undefined) return of(Number(alpine) >= 13)
  return Number(python) >= 10 ? 'v3' : undefined
}

function ofDebian(name: string): S6Version | undefined {
  if (/^(?:jessie|stretch)$/.test(name)) return 'v2'
  return /^(?:buster|bullseye|bookworm|trixie|forky)$/.test(name) ? 'v3' : undefined
}

/** Source: the tags of hassio-addons/addon-base, addon-debian-base, addon-ubuntu-base, addon-base-python and addon-base-nodejs. */
const firstWithThird: Readonly<Record<string, number>> = {
  base: 12,
  'debian-base': 6,
  'ubuntu-base': 8,
  'base-python': 9,
  'base-nodejs': 0,
}

function ofCommunity(tag: string, kind: string): S6Version | undefined {
  const major = /^v?(\d{1,4})(?:\.\d+){0,2}$/.exec(tag)?.[1]
  const first = firstWithThird[kind]
  return major === undefined || first === undefined ? undefined : of(Number(major) >= first)
}

/**
 * Tags that move alone; a numbered build (`-ls12`) may be older than version 3. Source: branches and tags of linuxserver/docker-baseimage-alpine,
 * -debian and -ubuntu.
 */
function ofLinuxServer(tag: string, kind: string): S6Version | undefined {
  const branch = tag.replace(/^(?:amd64|arm64v8|arm32v7)-/, '')
  if (kind === 'alpine') {
    const minor = /^3\.(\d{1,3})$/.exec(branch)?.[1]
    return minor === undefined ? undefined : of(Number(minor) >= 13)
  }
  if (kind === 'debian') return /^(?:bullseye|bookworm|trixie|latest)$/.test(branch) ? 'v3' : undefined
  return /^(?:focal|jammy|noble|latest)$/.test(branch) ? 'v3' : undefined
}
