/** Seconds that the longest test files took on a machine with two processors, with one other file running in parallel. */
const seconds: Readonly<Record<string, number>> = {
  'hostile/files.integration': 15,
  'hostile/commands.integration': 10,
  'image/worst.integration': 10,
  'hostile/texts.integration': 10,
  'fakes/runner/workflow.integration': 10,
  'image/memory.integration': 7,
  'project/growth.integration': 6,
  'platform/processes.integration': 5,
  'hostile/corpus.integration': 4,
  'github/shared-comment.integration': 3,
  'platform/commit-time.hostile.integration': 3,
  'pipeline/comment-from-artifact.forged.integration': 3,
  'pipeline/collect-results.forged.integration': 3,
  'fakes/runner/runner.integration': 3,
  'addon/migrate/migrate': 5,
  'faults/registry.e2e': 190,
  'image/agreement.e2e': 160,
  'docker-reference/build-docker.e2e': 140,
  'smoke/verdicts.e2e': 115,
  'e2e/across.e2e': 105,
  'faults/cache.e2e': 95,
  'build/builders/others.e2e': 84,
  'docker-reference/image.e2e': 80,
  'build/cache/cache.e2e': 72,
  'smoke/supervisor.e2e': 70,
  'build/builders/remote.e2e': 67,
  'docker-reference/swarm.e2e': 63,
  'faults/cancel.e2e': 61,
  'hostile/containers.e2e': 60,
  'smoke/addons.e2e': 60,
  'faults/engine.e2e': 60,
  'docker-reference/dev-stack.e2e': 58,
  'docker-reference/base-stack.e2e': 54,
  'e2e/run.e2e': 52,
  'faults/same-image.e2e': 48,
  'hostile/bundle.e2e': 43,
  'environment/__tests__/environment.e2e': 41,
  'cosign/sign.e2e': 39,
  'e2e/retired-options.e2e': 38,
  'report/html/render.e2e': 36,
  'faults/base.e2e': 33,
  'docker-reference/prod-stack.e2e': 33,
  'e2e/retired-lines.e2e': 32,
  'cli/commands/smoke.e2e': 32,
  'docker-reference/sizes.e2e': 29,
}
/** Estimate for a file that is not listed. */
const bytesPerSecond = 400

/** Pure. Sorts files by duration, longest first, so that no long file is started last. `bytes`: the size of a file. */
export const longestFirst = (files: readonly string[], bytes: (file: string) => number): readonly string[] =>
  files
    .map((file) => ({ file, cost: seconds[nameOf(file)] ?? bytes(file) / bytesPerSecond }))
    .sort((one, other) => other.cost - one.cost)
    .map(({ file }) => file)

const nameOf = (file: string): string => file.replace(/^__tests__\//, '').replace(/\.test\.ts$/, '')
