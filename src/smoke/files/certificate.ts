import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const dayMs = 86_400_000
/** As long as those of Let's Encrypt. */
const validDays = 90

/** A self-signed certificate of a new EC key (P-256), both as PEM. It is valid from one day before `now`, for clocks that are behind. */
export function selfSigned(
  hostname: string,
  now: number,
): { readonly certificate: string; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(tags.set, sequence(oids.commonName, der(tags.utf8, Buffer.from(hostname)))))
  const publicBytes = publicKey.export({ type: 'spki', format: 'der' })
  // Positive and without leading zeros, as an INTEGER of DER must be.
  const serial = Buffer.concat([Buffer.from([0x4a]), randomBytes(15)])
  const algorithm = sequence(oids.ecdsaWithSha256)
  const body = sequence(
    der(tags.context0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    ...[algorithm, name],
    sequence(time(now - dayMs), time(now + validDays * dayMs)),
    ...[name, publicBytes],
    der(tags.context3, sequence(...extensions(hostname, publicBytes))),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = sequence(body, algorithm, der(tags.bitString, Buffer.from([0]), signature))
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const extensions = (hostname: string, publicBytes: Uint8Array): readonly Buffer[] => [
  sequence(oids.subjectAltName, octets(sequence(der(tags.dnsName, Buffer.from(hostname, 'latin1'))))),
  // Its own issuer, so that a client that trusts it accepts it.
  sequence(
    oids.basicConstraints,
    der(tags.boolean, Buffer.from([0xff])),
    octets(sequence(der(tags.boolean, Buffer.from([0xff])))),
  ),
  sequence(
    oids.subjectKeyIdentifier,
    octets(octets(createHash('sha256').update(publicBytes).digest().subarray(0, 20))),
  ),
]

/** Tags of ASN.1. Source: ITU-T X.690, and RFC 5280 for those of a context. */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  context0: 0xa0,
  context3: 0xa3,
} as const

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(tags.sequence, ...parts)
const octets = (content: Uint8Array): Buffer => der(tags.octetString, content)
const objectId = (hex: string): Buffer => der(tags.objectId, Buffer.from(hex, 'hex'))

const oids = {
  commonName: objectId('550403'),
  subjectKeyIdentifier: objectId('551d0e'),
  subjectAltName: objectId('551d11'),
  basicConstraints: objectId('551d13'),
  ecdsaWithSha256: objectId('2a8648ce3d040302'),
}

/** From 2050 on, years have four digits. Source: RFC 5280, 4.1.2.5. */
function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`
  return digits < '2050'
    ? der(tags.utcTime, Buffer.from(digits.slice(2)))
    : der(tags.generalizedTime, Buffer.from(digits))
}
