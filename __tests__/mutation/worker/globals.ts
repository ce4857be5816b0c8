// What test files import from `@jest/globals`, or use as global variables, as far as they use it.
import { jestExpect } from '@jest/expect'
import { afterAll, afterEach, beforeAll, beforeEach, test as circusTest, describe, getState } from 'jest-circus'
import { ModuleMocker } from 'jest-mock'

export { afterAll, afterEach, beforeAll, beforeEach, describe }

// One test at a time: while several run, the mutants that they reach cannot be told apart.
export const test = Object.assign(circusTest, { concurrent: circusTest })
export const it = test
export const expect = jestExpect

const mocker = new ModuleMocker(globalThis)
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  setTimeout(milliseconds: number): void {
    getState().testTimeout = milliseconds
  },
}

Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test })
