import { isWrong, type Parsed } from '../core/parsed.ts'
import type { LegacyArguments } from './legacy-args.ts'
import type { AddonOptions } from './options.ts'
import { parseFile, parseTarget } from './paths.ts'
import { type InputReader, sliceOf } from './reader.ts'

/** `targets` is undefined if it is not certain which add-ons are meant. */
export function addonInputs(
  read: InputReader,
  workspace: string,
  legacy: LegacyArguments | undefined,
): Omit<AddonOptions, 'targets'> & { readonly targets: readonly string[] | undefined } {
  const parse = (path: string) => parseTarget(path, workspace)
  const targets = read.lines('target', 'target-outside', parse)
  return {
    // Without the default if the given target is wrong: the user did not mean it.
    targets: targets ?? legacyTargets(read, legacy, parse) ?? (isWrongTarget(read) ? undefined : ['.']),
    ...sliceOf<Omit<AddonOptions, 'targets'>>({
      changedOnly: read.boolean('changed-only', false),
      changedPathsAll: read.lines('changed-paths-all', 'bad-pattern', parse),
      file: read.one('file', 'target-outside', (file) => parseFile(file, workspace)),
      buildContexts: read.assignments('build-contexts', /^[^\s=]+$/),
      legacy,
    }),
  }
}

/** In `target` or `args`, or misspelled. This is checked before any other path is read. Any error in `args` may concern its target. */
const isWrongTarget = (read: InputReader): boolean =>
  read.diagnostics.some(
    ({ code, remedy }) =>
      code === 'input/target-outside' || code === 'args/invalid' || remedy === 'Did you mean "target"?',
  )

function legacyTargets(
  read: InputReader,
  legacy: LegacyArguments | undefined,
  parse: (path: string) => Parsed<string>,
): readonly string[] | undefined {
  if (legacy?.target === undefined) return undefined
  if (/[*?[]/.test(legacy.target)) {
    const remedy = 'Use the input "target" for patterns.'
    return read.refuse('args', 'target-outside', '--target is a pattern, not a folder.', remedy)
  }
  // It is a folder, not an exclusion.
  const target = parse(legacy.target.startsWith('!') ? `./${legacy.target}` : legacy.target)
  return isWrong(target) ? read.refuse('args', 'target-outside', target.problem, target.remedy) : [target.value]
}
