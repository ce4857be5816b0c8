/** jest's `testSequencer`: runs test files in the order in which they are named. Its own goes by a cache that a new clone does not have. */
export default class AsGiven {
  sort(tests) {
    return tests
  }

  cacheResults() {}
}
