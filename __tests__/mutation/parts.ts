import { globSync } from 'node:fs'
import { posix } from 'node:path'
import { kindOf } from '../environment/suite/files.ts'

/** A part of the sources: the files to mutate, and the unit tests that have to notice. Paths are relative to the root. */
export interface Part {
  readonly name: string
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
}

/** `tests`: folders and files below `__tests__`. */
const patterns: Readonly<Record<string, { readonly mutate: readonly string[]; readonly tests: readonly string[] }>> = {
  gate: {
    mutate: ['src/pipeline/{verdict,target-outcome}.ts'],
    tests: ['pipeline/verdict.test.ts', 'pipeline/process-target.test.ts'],
  },
  registry: { mutate: ['src/registry/**'], tests: ['registry', 'pipeline/logins.test.ts'] },
  size: {
    mutate: ['src/size/**', 'src/context/**'],
    tests: ['size', 'context', 'core/text.test.ts', 'pipeline/deliver-report.sizes.test.ts', 'report/figures.test.ts'],
  },
  plan: { mutate: ['src/plan/**'], tests: ['plan'] },
  // The script of the page, and what it draws, are tested in a browser.
  report: {
    mutate: [
      'src/report/!(html)/**',
      'src/report/*.ts',
      'src/report/html/*.ts',
      'src/report/html/client/{tree,treemap}.ts',
    ],
    tests: ['report'],
  },
  addon: { mutate: ['src/addon/**', 'src/dockerfile/**'], tests: ['addon', 'dockerfile', 'core', 'inputs', 'audit'] },
  image: { mutate: ['src/image/**'], tests: ['image'] },
  'smoke/verdict': {
    mutate: [
      'src/smoke/{verdict,gates,tries,checks/readiness,checks/settles,container/exit,options/merge,options/types}.ts',
      'src/smoke/container/{service-deaths,explanation,kept-lines,mapped-folders,mount-conflicts}.ts',
    ],
    tests: ['smoke'],
  },
  arguments: {
    mutate: [
      'src/docker/{arguments,emulation,login}.ts',
      'src/build/{attest,build-command,classic-store,secrets}.ts',
      'src/build/builders/{choose,create,nodes,tls}.ts',
      'src/cosign/*.ts',
      'src/smoke/container/{environment,reproduce}.ts',
      'src/core/shell-words.ts',
    ],
    tests: [
      'docker',
      'build',
      'cosign',
      'core/shell-words.test.ts',
      'smoke/container/reproduce.test.ts',
      'smoke/container/spec.test.ts',
    ],
  },
}

/**
 * Beginnings of `path: name of the test` that do not run: what takes a second or more for each mutant, and what does not
 * work on a copy of the sources with all mutants in it.
 */
export const leftOut: readonly string[] = [
  // They measure time, memory or growth.
  'image/image.hostile.test.ts',
  'image/tar/decompress.test.ts: decompress reads thousands of zstd frames',
  'image/tar/decompress.test.ts: decompress closes the source',
  'image/image.test.ts: an untrusted image is refused: a layer that unpacks to thousands of times',
  'registry/client.hostile.test.ts: a regular expression for responses of a registry reads only the beginning of 10 MB',
  // They go through a whole corpus, or start git, for each mutant.
  'addon/migrate/migrate.test.ts: a Dockerfile plain plans the same before and after',
  'addon/migrate/migrate.test.ts: a Dockerfile with defaults, comments and one line of arguments plans the same',
  'addon/migrate/migrate.test.ts: a Dockerfile of several stages, on Windows plans the same',
  'addon/migrate/migrate.test.ts: the patch is taken by git, for every',
  'addon/migrate/patch.test.ts: git takes the patch',
  'inputs/legacy-args.retired-builder.test.ts: its command line plans',
  'addon/yaml/tree.test.ts: any text is read or refused with a place',
  'plan/tags.test.ts: any branch name results in a valid tag',
  'core/text.test.ts: safeLine gives one short line',
  'report/markdown/comment.test.ts: a hidden marker carries any key',
  'report/markdown/comment.test.ts: the job summary fits into a megabyte',
  'report/parts.test.ts: the limit of a comment holds for all jobs together',
  'report/html/render.test.ts: the script of the page is checked',
  // It wants more random examples than there are here.
  'plan/make-plan.any-addon.test.ts',
  // They ask every question of the client many times, or wait for seconds.
  'registry/client.hostile.test.ts: any response of a registry is processed',
  'registry/client.hostile.test.ts: a regular expression for responses of a registry',
  // They compare a generated file with its sources, which are not as they were.
  'report/html/render.test.ts: assets.ts is the bundle of client/',
].map((test) => `__tests__/${test}`)

export const partNames: readonly string[] = Object.keys(patterns)

/** The part of that name, with its files. Undefined when there is none. */
export function readPart(name: string, root: string): Part | undefined {
  const part = patterns[name]
  if (!part) return undefined
  const find = (pattern: string): string[] => globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  const tests = part.tests
    .flatMap((path) => find(posix.join('__tests__', path.endsWith('.ts') ? path : `${path}/**/*.test.ts`)))
    .filter((path) => kindOf(path) === 'unit' && !leftOut.includes(path))
  const sources = part.mutate.flatMap(find).filter((path) => path.endsWith('.ts'))
  return { name, mutate: sources.sort(), tests: tests.sort() }
}
