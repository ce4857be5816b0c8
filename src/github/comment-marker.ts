/** The hidden last line of a comment: its key and the run that wrote it. */
export interface Marker {
  readonly key: string
  readonly run: string
  readonly attempt: number
  /** Commit of the pull request that was measured. */
  readonly head: string
  /** Something changed, failed or was measured for the first time; `comment: on-change` depends on it. */
  readonly notable: boolean
}

/** Encoded so that no key can end the HTML comment or look like another field. */
export const writeMarker = ({ key, run, attempt, head, notable }: Marker): string =>
  `<!-- aicleaner-build key=${encode(key)} run=${encode(run)} attempt=${attempt} head=${encode(head)} news=${notable ? 'yes' : 'no'} -->`

const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

/** At the very end only: container logs further up may contain anything. */
const pattern = /(?:^|\n)<!-- aicleaner-build key=(\S*) run=(\S*) attempt=(\d+) head=(\S*) news=(yes|no) -->\s*$/

export function readMarker(body: string): Marker | undefined {
  const match = pattern.exec(body.replaceAll('\r\n', '\n'))
  if (!match) return undefined
  const [, key = '', run = '', attempt = '', head = '', news] = match
  try {
    return {
      key: decodeURIComponent(key),
      run: decodeURIComponent(run),
      attempt: Number(attempt),
      head: decodeURIComponent(head),
      notable: news === 'yes',
    }
  } catch {
    return undefined
  }
}

/** Whether two comments differ only in the run that wrote them. Then there is no need to write again. */
export function sameButRun(a: string, b: string): boolean {
  return withoutRun(a) === withoutRun(b)
}

const withoutRun = (body: string): string =>
  body
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .replace(pattern, (line) => line.replace(/ run=\S*/, '').replace(/ attempt=\d+/, ''))
    .replace(/\/actions\/runs\/\d+(?:\/attempts\/\d+)?/g, '/actions/runs/-')

/** Runs and attempts have increasing numbers. Values that are not numbers are not compared: then nothing is newer. */
export function isNewer(a: Pick<Marker, 'run' | 'attempt'>, b: Pick<Marker, 'run' | 'attempt'>): boolean {
  if (!/^\d{1,20}$/.test(a.run) || !/^\d{1,20}$/.test(b.run)) return false
  const [first, second] = [BigInt(a.run), BigInt(b.run)]
  return first === second ? a.attempt > b.attempt : first > second
}
