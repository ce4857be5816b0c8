/** On every container, network and volume of a run, so that the post step finds what a killed run left behind. */
export const runLabel = 'aicleaner-build.run'

export const labelsOf = (runId: string): ReadonlyMap<string, string> => new Map([[runLabel, runId]])
