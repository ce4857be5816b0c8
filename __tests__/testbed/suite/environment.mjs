import vm from 'node:vm'
import { TestEnvironment } from 'jest-environment-node'

/**
 * Jest's environment for Node, with an ordinary global object. By itself Jest puts a Proxy there, and each access to a
 * global (`Set`, `RegExp`, `undefined`) goes through it: code that only computes takes up to thirty times as long.
 */
export default class PlainEnvironment extends TestEnvironment {
  constructor(...args) {
    const { createContext } = vm
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY)
    try {
      super(...args)
    } finally {
      vm.createContext = createContext
    }
    // Jest asks for a hundred frames of each error that is made. Parsers make thousands of errors.
    this.global.Error.stackTraceLimit = 20
  }
}
