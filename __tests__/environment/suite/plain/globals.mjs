// The functions that test files import from `@jest/globals` or use as global variables.
import { jestExpect } from '@jest/expect'
import { afterAll, afterEach, beforeAll, beforeEach, describe, getState, it, test } from 'jest-circus'
import { ModuleMocker } from 'jest-mock'

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test }

/** Where jest keeps the matchers. */
const known = globalThis[Symbol.for('$$jest-matchers-object')]

/** Jest creates all sixty matchers six times for each `expect(…)`, which takes longer than most tests. This creates only the matcher that is used. */
function oneMatcher(actual, path, name) {
  const { matchers } = known
  if (!(name in matchers)) return undefined
  known.matchers = { [name]: matchers[name] }
  try {
    return [...path, name].reduce((at, step) => at[step], jestExpect(actual))
  } finally {
    known.matchers = matchers
  }
}

const expectation = (actual, path = []) =>
  new Proxy(
    {},
    {
      get: (_, name) =>
        ['not', 'rejects', 'resolves'].includes(name)
          ? expectation(actual, [...path, name])
          : oneMatcher(actual, path, name),
    },
  )

export const expect = Object.assign((actual) => expectation(actual), jestExpect)

const mocker = new ModuleMocker(globalThis)
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  setTimeout(milliseconds) {
    getState().testTimeout = milliseconds
  },
}

Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test })
