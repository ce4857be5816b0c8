// What test files import from `@jest/globals` while mutants run.
import { test as anyTest } from '../../environment/suite/plain/globals.mjs'

export * from '../../environment/suite/plain/globals.mjs'

// One test at a time: while several run, the mutants that they reach cannot be told apart.
export const test = Object.assign(anyTest, { concurrent: anyTest })
export const it = test

Object.assign(globalThis, { it, test })
