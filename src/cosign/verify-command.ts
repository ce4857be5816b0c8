import { messageOf } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { parseJsonText, textOf } from '../core/json-fields.ts'
import { quoteForShell } from '../core/shell-words.ts'
import type { Options } from '../inputs/options.ts'
import { createExchange, type Exchange, readBody } from '../registry/http.ts'
import { registryArguments } from './cosign.ts'

/** Who signed: what `cosign verify` needs. */
type Signer =
  | { readonly kind: 'keyless'; readonly identity: string; readonly issuer: string }
  /** `reference`: of the public key. */
  | { readonly kind: 'key'; readonly reference: string }

interface VerifySettings {
  /** The signature is in the transparency log. */
  readonly log: boolean
  readonly insecure: readonly string[]
}

/** The command that verifies an image, for a POSIX shell. Pure. @param reference `name@sha256:…` */
export function verifyCommand(reference: string, signer: Signer, { log, insecure }: VerifySettings): string {
  const option = (name: string, value: string): string => `${name} ${quoteForShell(value)}`
  const who =
    signer.kind === 'key'
      ? [option('--key', signer.reference), ...(log ? [] : ['--insecure-ignore-tlog'])]
      : [option('--certificate-identity', signer.identity), option('--certificate-oidc-issuer', signer.issuer)]
  // One option a line, because reports cut long lines.
  return ['cosign verify', ...who, ...registryArguments(reference, insecure), quoteForShell(reference)].join(' \\\n  ')
}

/** The public key of a signing key: the file beside it, or the key itself in a KMS, which gives its public part. Pure. */
export function publicKeyOf(key: string): string {
  if (/^env:\/\//i.test(key)) return 'cosign.pub'
  if (/^[a-z0-9]+:\/\//i.test(key)) return key
  return key.endsWith('.key') ? `${key.slice(0, -'.key'.length)}.pub` : 'cosign.pub'
}

/** The issuer of the tokens of GitHub's runners. */
const githubIssuer = 'https://token.actions.githubusercontent.com'

/** Who signs in this job; undefined if its identity is not known. Never rejects. */
export async function signerOf(
  sign: Exclude<Options['sign'], false>,
  host: Host,
  exchange: Exchange = createExchange('aicleaner-build'),
): Promise<Signer | undefined> {
  if (sign.kind === 'key') return { kind: 'key', reference: publicKeyOf(sign.reference) }
  const { GITHUB_WORKFLOW_REF: caller = '' } = host.environment
  const claims = await claimsOf(host, exchange)
  // In a reusable workflow, the certificate names the workflow that is called, which only the token knows.
  const workflow = claims?.workflow ?? caller
  const server = serverOf(host.event.repositoryUrl)
  if (server === undefined || !isWorkflow(workflow)) return undefined
  return { kind: 'keyless', identity: `${server}/${workflow}`, issuer: claims?.issuer ?? githubIssuer }
}

/** `owner/name/.github/workflows/build.yml`, an `@`, and `refs/heads/main`. */
const isWorkflow = (text: string): boolean => /^[\w.-]+\/[\w.-]+\/[^\s@\p{C}]{1,300}@[^\s\p{C}]{1,300}$/u.test(text)
const isIssuer = (text: string): boolean => /^https:\/\/[\w.-]+(?:\/[\w./-]*)?$/.test(text)

const serverOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined)

/** Milliseconds and bytes: the token is for a text in the report only. */
const limitMs = 10_000
const largestAnswer = 64 * 1024

/** What the job's token says about it. It is the one that cosign requests: read, but never used or shown. */
async function claimsOf(
  { environment, clock, log }: Host,
  exchange: Exchange,
): Promise<{ readonly workflow: string; readonly issuer: string } | undefined> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' } = environment
  if (!URL.canParse(url) || token === '') return undefined
  const address = new URL(url)
  address.searchParams.set('audience', 'sigstore')
  const over = new AbortController()
  try {
    const asking = ask()
    asking.catch(() => {})
    return await Promise.race([asking, clock.sleep(limitMs, over.signal).then(() => undefined)])
  } catch (thrown) {
    log.debug(`The identity of this job is not known: ${messageOf(thrown)}`)
    return undefined
  } finally {
    over.abort()
  }

  async function ask() {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const response = await exchange({ method: 'GET', url: address.href, headers, redirects: 'never' })
    const body = await readBody(response, largestAnswer)
    const jwt = textOf(parseJsonText(body.toString('utf8')), 'value')
    if (jwt !== '') log.mask(jwt)
    const payload = parseJsonText(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const [workflow, issuer] = [textOf(payload, 'job_workflow_ref'), textOf(payload, 'iss')]
    return isWorkflow(workflow) && isIssuer(issuer) ? { workflow, issuer } : undefined
  }
}
