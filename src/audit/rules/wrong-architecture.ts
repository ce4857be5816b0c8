import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule, some, sumOf } from '../rule.ts'
import { standings } from '../started.ts'

/** Where programs lie that are called by name. */
const called = /^(?:(?:usr\/(?:local\/)?)?s?bin|app|opt\/[^/]+\/bin|command|init)(?:\/|$)|^[^/]+$/

export const wrongArchitecture: Rule = {
  id: 'image/wrong-architecture',
  severity: 'error',
  reason: 'A program for another machine ends with "exec format error" on the device.',
  source: 'ELF specification: e_machine',
  link: 'https://docs.docker.com/build/building/multi-platform/',
  check(subject) {
    const { image, target } = subject
    const foreign = (image?.notes.files ?? []).filter(
      ({ kind, layer }) => kind === 'foreign-program' && layer >= (image?.firstOwn ?? 0),
    )
    const standing = standings(subject)
    const isStarted = (path: string): boolean =>
      standing(path) === 'started' || (standing(path) === 'own' && called.test(path))
    return [...Map.groupBy(foreign, ({ layer, path, detail }) => `${layer} ${isStarted(path)} ${detail}`).values()].map(
      (files) => {
        const [first] = files
        const paths = some(files.map(({ path }) => `/${safeLine(path)}`))
        return {
          message: `For ${first?.detail}, not for ${target.architecture}: ${paths}.`,
          fix: 'Fetch or build it by TARGETARCH, and copy from a stage of the same platform.',
          // Packages bring programs for several machines along; those are never started, only carried.
          ...(!isStarted(first?.path ?? '') && {
            severity: 'notice' as const,
            fix: 'Delete what is for other machines in the RUN that installs it.',
          }),
          bytes: sumOf(files),
          ...placeOfLayer(subject, first?.layer ?? 0),
        }
      },
    )
  },
}
