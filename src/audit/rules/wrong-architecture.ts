import { programRoles } from '../program-role.ts'
import { layerLocation, listPaths, ownFiles, type Rule, totalBytes } from '../rule.ts'

/** Folders of programs that are called by name. */
const programFolder = /^(?:(?:usr\/(?:local\/)?)?s?bin|app|opt\/[^/]+\/bin|command|init)(?:\/|$)|^[^/]+$/

export const wrongArchitecture: Rule = {
  id: 'image/wrong-architecture',
  severity: 'error',
  reason: 'A program for another architecture fails on the device with "exec format error".',
  source: 'Docker, multi-platform builds (ELF specification: e_machine)',
  link: 'https://docs.docker.com/build/building/multi-platform/',
  check(input) {
    const roleOf = programRoles(input)
    const files = ownFiles(input, 'foreign-program').map((file) => {
      const role = roleOf(file.path)
      return { ...file, isStarted: role === 'started' || (role === 'own' && programFolder.test(file.path)) }
    })
    const groups = Map.groupBy(files, ({ layer, isStarted, detail }) => `${layer} ${isStarted} ${detail}`)
    return [...groups.values()].flatMap((group) => {
      const [first] = group
      if (!first) return []
      return [
        {
          message: `Built for ${first.detail}, not for ${input.target.architecture}: ${listPaths(group.map(({ path }) => path))}.`,
          // Packages contain programs for several architectures, which are never started.
          ...(first.isStarted
            ? { fix: 'Download or build it by TARGETARCH, and copy only from stages of the same platform.' }
            : {
                severity: 'notice' as const,
                fix: 'Delete files for other architectures in the RUN that installs them.',
              }),
          bytes: totalBytes(group),
          ...layerLocation(input, first.layer),
        },
      ]
    })
  },
}
