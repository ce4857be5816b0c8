import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { selfSigned } from '../../../src/smoke/files/certificate.ts'

const day = 86_400_000

test('a certificate is valid now, for its host, and of its key', () => {
  const times = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) })
  fc.assert(
    fc.property(times, (now) => {
      const made = selfSigned('homeassistant.local', now)
      const certificate = new X509Certificate(made.certificate)
      const second = Math.floor(now / 1000) * 1000
      expect(Date.parse(certificate.validFrom)).toBe(second - day)
      expect(Date.parse(certificate.validTo)).toBe(second + 90 * day)
      expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
      expect(certificate.checkIssued(certificate)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('a certificate names its host where clients look for it', () => {
  const certificate = new X509Certificate(selfSigned('homeassistant.local', Date.UTC(2026, 5)).certificate)
  expect(certificate.subject).toBe('CN=homeassistant.local')
  expect(certificate.subjectAltName).toBe('DNS:homeassistant.local')
  expect(certificate.checkHost('homeassistant.local')).toBe('homeassistant.local')
  expect(certificate.checkHost('other.local')).toBeUndefined()
})

test('two certificates differ in key and serial number', () => {
  const [one, other] = [selfSigned('a', 0), selfSigned('a', 0)]
  expect(one.privateKey).not.toBe(other.privateKey)
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
    new X509Certificate(other.certificate).serialNumber,
  )
})
