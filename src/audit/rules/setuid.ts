import { layerLocation, listPaths, ownFiles, type Rule } from '../rule.ts'

export const setuid: Rule = {
  id: 'image/setuid',
  severity: 'warning',
  reason: 'A setuid program runs as its owner, usually root. An attacker in the container can use it to become root.',
  source: 'Docker Engine security: kernel capabilities (CIS Docker Benchmark 4.8)',
  link: 'https://docs.docker.com/engine/security/#linux-kernel-capabilities',
  check: (input) =>
    [...Map.groupBy(ownFiles(input, 'setuid'), ({ layer }) => layer)].map(([layer, files]) => ({
      message: `Programs run with the permissions of their owner or group (setuid or setgid): ${listPaths(files.map(({ path }) => path).sort())}.`,
      fix: 'Remove the bit in the same RUN ("chmod a-s FILE"), or do not install the package.',
      ...layerLocation(input, layer),
    })),
}
