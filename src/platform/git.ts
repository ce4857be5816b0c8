/** A pull request may have written `.git/config`, and it can name programs. These settings override such keys, and the fetch of missing objects. */
const settings: readonly (readonly [key: string, value: string])[] = [
  // The checkout may contain a folder that looks like a bare repository.
  ['safe.bareRepository', 'explicit'],
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.sshCommand', 'false'],
  ['core.askPass', 'false'],
  ['credential.helper', ''],
  ['gpg.program', 'false'],
  ['log.showSignature', 'false'],
  ['core.commitGraph', 'false'],
  ['maintenance.auto', 'false'],
]

const variables: Readonly<Record<string, string>> = {
  // Overrides `protocol.ext.allow` and the like in the repository's configuration, which `-c protocol.allow=never` does not.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
}

/** Settings for a git process of this program: options before the command, and variables. Pure. */
export const gitSettings = (): {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
} => ({
  args: [
    ...['--no-pager', '--no-optional-locks', '--no-replace-objects'],
    ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ],
  environment: variables,
})

/** The same settings as variables (git 2.31), for another program that starts git, as buildx does for provenance. Pure. */
export const gitVariables = (): Readonly<Record<string, string>> => ({
  ...variables,
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
})
