import { describe, expect, test } from '@jest/globals'
import {
  codeOf,
  isMissing,
  isRefused,
  isSilent,
  mayPass,
  mayPassForManifest,
  mayPassForUpload,
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
  const questions = { mayPass, mayPassForManifest, mayPassForUpload, isSilent, isMissing, isRefused }
  const passes = ['mayPass', 'mayPassForManifest', 'mayPassForUpload', 'isSilent'] as const
  const answers: Readonly<Record<RegistryErrorCode, readonly (keyof typeof questions)[]>> = {
    CONNECTION_FAILED: passes,
    UNAVAILABLE: passes,
    RATE_LIMITED: passes,
    HOST_NOT_FOUND: ['isSilent'],
    UNAUTHORIZED: ['isRefused'],
    DENIED: ['isRefused'],
    NOT_FOUND: ['isMissing'],
    UPLOAD_UNKNOWN: ['mayPassForUpload'],
    DIGEST_INVALID: ['mayPassForManifest'],
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
