/** jest's `testSequencer`: runs test files in the given order. The default sequencer uses a cache that a new clone does not have. */
export default class AsGiven {
  sort(tests) {
    return tests
  }

  cacheResults() {}
}
