// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { parse } from 'yaml'
import { filledIn, textOf } from '../../fakes/runner/evaluate.ts'
import type { Contexts } from '../../fakes/runner/expressions.ts'

/** After the example in the README of home-assistant/builder 2026.06.0, which builds with `actions/*`. */
export const example = `name: Build

on:
  release:
    types: [published]

env:
  ARCHITECTURES: '["amd64", "aarch64"]'
  IMAGE_NAME: my-image

permissions:
  contents: read

jobs:
  init:
    name: Initialize build
    runs-on: ubuntu-latest
    outputs:
      matrix: \${{ steps.matrix.outputs.matrix }}
    steps:
      - uses: actions/checkout@v6

      - name: Get build matrix
        id: matrix
        uses: home-assistant/builder/actions/prepare-multi-arch-matrix@2026.06.0
        with:
          architectures: \${{ env.ARCHITECTURES }}
          image-name: \${{ env.IMAGE_NAME }}

  build:
    name: Build \${{ matrix.arch }} image
    needs: init
    runs-on: \${{ matrix.os }}
    permissions:
      contents: read # To check out the code
      id-token: write
      packages: write
    strategy:
      fail-fast: false
      matrix: \${{ fromJSON(needs.init.outputs.matrix) }}
    steps:
      - uses: actions/checkout@v6

      - name: Build image
        uses: home-assistant/builder/actions/build-image@2026.06.0
        with:
          arch: \${{ matrix.arch }}
          container-registry-password: \${{ secrets.GITHUB_TOKEN }}
          image: \${{ matrix.image }}
          image-tags: |
            \${{ github.event.release.tag_name }}
            latest
          push: "true"
          version: \${{ github.event.release.tag_name }}

  manifest:
    name: Publish multi-arch manifest
    needs: [init, build]
    runs-on: ubuntu-latest
    permissions:
      id-token: write
      packages: write
    steps:
      - name: Publish multi-arch manifest
        uses: home-assistant/builder/actions/publish-multi-arch-manifest@2026.06.0
        with:
          architectures: \${{ env.ARCHITECTURES }}
          container-registry-password: \${{ secrets.GITHUB_TOKEN }}
          image-name: \${{ env.IMAGE_NAME }}
          image-tags: |
            \${{ github.event.release.tag_name }}
            latest
`

/** The example with some texts replaced by others; they have to be there. */
export function exampleWith(...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The example has no ${from}.`)
    return text.replace(from, () => to)
  }, example)
}

// Replacements in the example.
export type Changes = readonly (readonly [from: string, to: string])[]
export const push = '          push: "true"'
export const input = (line: string) => [push, `${push}\n          ${line}`] as const
export const architectures = (text: string) =>
  [
    '          architectures: ${{ env.ARCHITECTURES }}\n          image-name',
    `          architectures: ${text}\n          image-name`,
  ] as const
export const imageName = (text: string) =>
  ['          image-name: ${{ env.IMAGE_NAME }}\n\n', `          image-name: ${text}\n\n`] as const
export const buildStep = (lines: string) =>
  ['      - name: Build image\n', `${lines}      - name: Build image\n`] as const
export const buildJob = (lines: string) => ['    needs: init\n', `    needs: init\n${lines}`] as const
export const publishInput = (lines: string) =>
  [
    '          image-name: ${{ env.IMAGE_NAME }}\n          image-tags',
    `          image-name: \${{ env.IMAGE_NAME }}\n          ${lines}\n          image-tags`,
  ] as const
export const later = (more: string) =>
  ['  manifest:\n', `  later:\n${more}    runs-on: ubuntu-latest\n    steps:\n      - run: x\n\n  manifest:\n`] as const
export const jobName = (text: string) => ['    name: Build ${{ matrix.arch }} image', `    name: ${text}`] as const
/** `with` of the step that builds. */
export const given = example.slice(example.indexOf('        with:\n          arch: '), example.indexOf('\n  manifest:'))

interface Job {
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
}
interface Workflow {
  readonly env?: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

/** The inputs of the first step of a workflow whose action's name holds a text, with their expressions filled in. */
export function inputsOf(text: string, action: string, contexts: Contexts): Readonly<Record<string, string>> {
  const { env = {}, jobs } = parse(text) as Workflow
  const step = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .find(({ uses }) => uses?.includes(action))
  if (!step) throw new Error(`No step uses ${action}.`)
  const given = { env, ...contexts } as Contexts
  return Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, textOf(filledIn(String(value), given))]),
  )
}

/** What `actions/*` publish: image → tags, by what their `action.yml` says. @param prefix `ghcr.io/owner`. */
export function successorPublishes(text: string, contexts: Contexts): ReadonlyMap<string, readonly string[]> {
  const prepare = inputsOf(text, 'prepare-multi-arch-matrix', contexts)
  const prefix = prepare['registry-prefix'] || `ghcr.io/${contexts.github?.repository_owner}`
  const images = (JSON.parse(prepare.architectures ?? '[]') as string[]).map((arch) => ({
    arch,
    image: `${prefix}/${arch}-${prepare['image-name']}`,
  }))
  const tagsOf = (inputs: Readonly<Record<string, string>>) =>
    (inputs['image-tags'] ?? '').split('\n').filter((tag) => tag !== '')
  const found = new Map<string, readonly string[]>()
  for (const matrix of images) {
    const build = inputsOf(text, 'build-image', { ...contexts, matrix } as Contexts)
    if (build.push === 'true') found.set(build.image ?? '', tagsOf(build))
  }
  if (found.size > 0 && text.includes('publish-multi-arch-manifest')) {
    const publish = inputsOf(text, 'publish-multi-arch-manifest', contexts)
    const own = publish['registry-prefix'] || `ghcr.io/${contexts.github?.repository_owner}`
    found.set(`${own}/${publish['image-name']}`, tagsOf(publish))
  }
  return found
}
