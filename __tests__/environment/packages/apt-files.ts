import type { Pin } from './choose.ts'
import type { Source } from './sources.ts'

/** The files of a separate apt configuration; the machine's own configuration is not changed. */
export interface AptFiles {
  readonly configuration: string
  readonly sources: string
  readonly preferences: string
}

/**
 * Pure. `folder`: where the files will be written; its `sources.d` has a copy of the machine's own sources.
 * `mirror`: the source of the machine's own release.
 */
export function aptFiles(folder: string, mirror: Source, pins: readonly Pin[]): AptFiles {
  const suites = [...new Set(pins.map((pin) => pin.suite))]
  const signedBy = mirror.signedBy === undefined ? [] : [`Signed-By: ${mirror.signedBy}`]
  return {
    configuration: [
      `Dir::Etc::sourceparts "${folder}/sources.d";`,
      `Dir::Etc::preferencesparts "${folder}/preferences.d";`,
      `Dir::State::lists "${folder}/lists";`,
      // Descriptions and icons of applications: half of the data that `apt-get update` would download.
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
      'Acquire::Languages "none";',
      '',
    ].join('\n'),
    sources: [
      'Types: deb',
      `URIs: ${mirror.uri}`,
      `Suites: ${suites.join(' ')}`,
      'Components: main',
      ...signedBy,
      // The signature of the testing release is not always renewed in time.
      'Check-Valid-Until: no',
      '',
    ].join('\n'),
    preferences: [
      ...suites.map((suite) => `Package: *\nPin: release n=${suite}\nPin-Priority: 100\n`),
      ...pins.map((pin) => `Package: ${pin.packages}\nPin: release n=${pin.suite}\nPin-Priority: 990\n`),
    ].join('\n'),
  }
}
