import { describe, expect, test } from '@jest/globals'
import {
  codeOf,
  isMissing,
  isRefused,
  isTransient,
  isTransientForManifest,
  isTransientForUpload,
  isUnreachable,
  RegistryError,
  type RegistryErrorCode,
} from '../../src/registry/error.ts'

test.each<[number, string | undefined, RegistryErrorCode]>([
  [408, undefined, 'UNAVAILABLE'],
  [500, undefined, 'UNAVAILABLE'],
  [503, 'DENIED', 'UNAVAILABLE'],
  [503, 'TOOMANYREQUESTS', 'UNAVAILABLE'],
  [429, undefined, 'RATE_LIMITED'],
  [403, 'TOOMANYREQUESTS', 'RATE_LIMITED'],
  [416, undefined, 'UPLOAD_UNKNOWN'],
  [404, 'BLOB_UPLOAD_UNKNOWN', 'UPLOAD_UNKNOWN'],
  [401, undefined, 'UNAUTHORIZED'],
  [400, 'UNAUTHORIZED', 'UNAUTHORIZED'],
  [400, 'invalid_grant', 'UNAUTHORIZED'],
  [403, undefined, 'DENIED'],
  [404, 'DENIED', 'DENIED'],
  [404, undefined, 'NOT_FOUND'],
  [404, 'NAME_UNKNOWN', 'NOT_FOUND'],
  [400, 'DIGEST_INVALID', 'DIGEST_INVALID'],
  [400, undefined, 'REJECTED'],
  [405, 'UNSUPPORTED', 'REJECTED'],
])('status %s with the code %s is %s', (status, word, expected) => {
  expect(codeOf(status, word)).toBe(expected)
})

describe('an error with the code', () => {
  const questions = { isTransient, isTransientForManifest, isTransientForUpload, isUnreachable, isMissing, isRefused }
  const transient = ['isTransient', 'isTransientForManifest', 'isTransientForUpload', 'isUnreachable'] as const
  const answers: Readonly<Record<RegistryErrorCode, readonly (keyof typeof questions)[]>> = {
    CONNECTION_FAILED: transient,
    UNAVAILABLE: transient,
    RATE_LIMITED: transient,
    HOST_NOT_FOUND: ['isUnreachable'],
    UNAUTHORIZED: ['isRefused'],
    DENIED: ['isRefused'],
    NOT_FOUND: ['isMissing'],
    UPLOAD_UNKNOWN: ['isTransientForUpload'],
    DIGEST_INVALID: ['isTransientForManifest'],
    REJECTED: [],
    INVALID_RESPONSE: [],
    INVALID_REFERENCE: [],
    INVALID_IMAGE: [],
    TAG_CONFLICT: [],
  }

  test.each(Object.entries(answers))('%s: %j', (code, expected) => {
    const thrown = new RegistryError(code as RegistryErrorCode, 'x')
    expect(Object.entries(questions).flatMap(([name, ask]) => (ask(thrown) ? [name] : []))).toEqual(expected)
    expect(Object.values(questions).some((ask) => ask({ code }))).toBe(false)
  })
})
