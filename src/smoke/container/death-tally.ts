import { Writable } from 'node:stream'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { safeLine } from '../../core/text.ts'
import { defaultLimits } from '../../image/limits.ts'
import { TarReader } from '../../image/tar/tar.ts'

/** One end of the program of a service. */
export interface ServiceDeath {
  /** Milliseconds since the epoch, by the clock of the container. */
  readonly atMs: number
  /** 128 + signal if a signal ended it, as in a shell. */
  readonly exitCode: number
}

/** What s6 recorded about one service. */
export interface ServiceTally {
  readonly service: string
  /** The oldest first. */
  readonly deaths: readonly ServiceDeath[]
}

/** s6 keeps at most 4096 records, and 100 by default. Source: s6 `S6_MAX_DEATH_TALLY`. */
const maxRecords = 4096
const recordBytes = 14
const maxServices = 200
/** `/run` has sockets, locks and service directories. What is larger is not read to its end. */
const maxBytes = 64 * 1024 * 1024
const limits = { ...defaultLimits, entries: 20_000, layerBytes: maxBytes, extendedBytes: maxBytes }
const timeoutMs = 10_000

/** Services of s6-rc and of s6-linux-init, which are no part of the add-on. */
const ownService = /^(?:s6rc-|s6-linux-init-)/

/**
 * Reads when and how the services below s6 ended, from outside: `docker cp` needs no program of the image, and works for a container that has ended.
 * s6-overlay keeps service directories in several folders below `/run`, with links between them, so all of `/run` is read.
 * Empty if only the services of s6 itself have tallies, as of an add-on that has nothing but a command. Undefined if there is none, such as without s6 or
 * with a tmpfs at `/run`, or if they cannot be read.
 */
export async function readTallies(
  id: string,
  { processes, log, signal }: Pick<Host, 'processes' | 'log' | 'signal'>,
): Promise<readonly ServiceTally[] | undefined> {
  const { output, tallies } = tallyReader()
  try {
    const exitCode = await processes.spawn('docker', ['cp', `${id}:/run`, '-'], {
      output,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      graceMs: 500,
    })
    return exitCode === 0 ? tallies() : undefined
  } catch (thrown) {
    log.debug(`The death tallies of s6 could not be read: ${messageOf(thrown)}`)
    return undefined
  }
}

/** Takes a tar archive of `/run`. After its end, `tallies` returns what it has; undefined if it is damaged, too large, or has none. */
export function tallyReader(): {
  readonly output: Writable
  readonly tallies: () => readonly ServiceTally[] | undefined
} {
  const found: ServiceTally[] = []
  let isS6 = false
  let isComplete = false
  let bytes = 0
  let current: { readonly service: string; readonly chunks: Buffer[] } | undefined
  const reader = new TarReader(
    {
      entry({ path, kind, size }) {
        const tally = kind === 'file' && size <= maxRecords * recordBytes ? tallyOf(path) : undefined
        isS6 ||= tally !== undefined
        const service = tally?.service
        current = service === undefined || found.length >= maxServices ? undefined : { service, chunks: [] }
      },
      data(chunk) {
        current?.chunks.push(Buffer.from(chunk))
      },
      end() {
        if (current) found.push({ service: current.service, deaths: parseTally(Buffer.concat(current.chunks)) })
        current = undefined
      },
    },
    limits,
  )
  /** Calls back with what `work` throws, if anything. */
  const attempt = (work: () => void, done: (thrown?: Error) => void): void => {
    let failure: Error | undefined
    try {
      work()
    } catch (thrown) {
      failure = thrown as Error
    }
    done(failure)
  }
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      attempt(() => {
        bytes += chunk.length
        if (bytes > maxBytes) throw new RangeError('/run is too large')
        reader.write(chunk)
      }, done)
    },
    final(done) {
      attempt(() => {
        reader.end()
        isComplete = true
      }, done)
    },
  })
  return { output, tallies: () => (isComplete && isS6 ? found : undefined) }
}

/**
 * `…/web/supervise/death_tally` → `web`, `…/web/log/supervise/death_tally` → `web/log`; no service for one of s6's own. Undefined for other files.
 */
function tallyOf(path: string): { readonly service?: string } | undefined {
  const [file, folder, name = '', parent = ''] = path.split('/').reverse()
  if (file !== 'death_tally' || folder !== 'supervise' || name === '') return undefined
  const service = name === 'log' ? `${parent}/log` : name
  return ownService.test(service) ? {} : { service: safeLine(service, 60).replaceAll('"', "'") }
}

/** TAI64 is 2^62 + seconds of TAI; skalibs subtracts nothing else. */
const epoch = 2n ** 62n
/** TAI is ahead of UTC by this much since 2017. Source: skalibs `leapsecs`. */
const leapSeconds = 37

/**
 * Pure: records of a time (TAI64N, 12 bytes), an exit code and a signal. Source: s6 `s6_dtally_pack`, `s6-supervise`. s6 discards a file with part of a
 * record, and so does this.
 */
export function parseTally(bytes: Buffer): readonly ServiceDeath[] {
  if (bytes.length % recordBytes !== 0) return []
  return Array.from({ length: bytes.length / recordBytes }, (_, index) => {
    const at = index * recordBytes
    const seconds = Number(bytes.readBigUInt64BE(at) - epoch) - leapSeconds
    return { atMs: seconds * 1000 + Math.floor(bytes.readUInt32BE(at + 8) / 1e6), exitCode: bytes.readUInt8(at + 12) }
  })
}
