export * from '@jest/globals'
