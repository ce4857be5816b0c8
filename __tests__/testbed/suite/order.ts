/** Seconds that the longest test files took on a machine with two processors, at the side of another each. */
const seconds: Readonly<Record<string, number>> = {
  'hostile/files.integration': 15,
  'hostile/commands.integration': 10,
  'image/worst.integration': 10,
  'hostile/texts.integration': 10,
  'standins/runner/workflow.integration': 10,
  'image/memory.integration': 7,
  'addon/migrate': 5,
  'faults/registry.e2e': 160,
  'faults/cache.e2e': 150,
  'smoke/verdicts.e2e': 140,
  'image/agreement.e2e': 130,
  'e2e/across.e2e': 125,
  'e2e/run.e2e': 120,
  'docker-reference/build-docker.e2e': 120,
  'docker-reference/image.e2e': 105,
  'smoke/supervisor.e2e': 100,
  'docker-reference/dev-stack.e2e': 85,
  'docker-reference/sizes.e2e': 75,
  'faults/cancel.e2e': 75,
  'docker/builders/others.e2e': 75,
  'faults/engine.e2e': 75,
  'docker-reference/swarm.e2e': 75,
  'hostile/containers.e2e': 70,
  'docker/builders/remote.e2e': 65,
  'docker-reference/base-stack.e2e': 65,
}
/** For a file that is not listed: most of what it does stands in it. */
const bytesPerSecond = 400

/** Pure. The files in the order of the time that they take, so that none of the long ones is left to the end. `bytes`: the size of a file. */
export const longestFirst = (files: readonly string[], bytes: (file: string) => number): readonly string[] =>
  files
    .map((file) => ({ file, cost: seconds[nameOf(file)] ?? bytes(file) / bytesPerSecond }))
    .sort((one, other) => other.cost - one.cost)
    .map(({ file }) => file)

const nameOf = (file: string): string => file.replace(/^__tests__\//, '').replace(/\.test\.ts$/, '')
