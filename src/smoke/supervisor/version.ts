/** The version of the Supervisor that the mock follows: that of the answers recorded for the tests. */
export const followedSupervisor = '2026.08'
