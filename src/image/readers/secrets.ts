import { secretIn } from '../secret-text.ts'
import type { NoteReader } from './reader.ts'

const largest = 64 * 1024

const named =
  /(?:^|\/)(?:\.env(?:\.[\w-]+)?|\.npmrc|\.pypirc|\.netrc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_\w+_key|credentials|config|\.dockercfg|[^/]+\.(?:pem|key|json|ya?ml|toml|ini|cfg|conf|env|sh|py|js|ts|rb|php|txt|properties))$/
// Files of packages are skipped: they contain example keys in tests and documentation, and certificates.
const foreign =
  /(?:^|\/)(?:site-packages|dist-packages|node_modules|usr\/share\/(?:doc|ca-certificates|man)|usr\/lib\/(?:python|ssl)|etc\/ssl\/certs|tests?|testdata|examples?|fixtures)(?:\/|$)|(?:^|\/)python\d?\.\d+\//

/** Keys and tokens in small text files of the author. The detail is their kind, never the secret. */
export const secrets: NoteReader = {
  wants: ({ path, kind, size }) =>
    kind === 'file' && size > 8 && size <= largest && named.test(path) && !foreign.test(path) ? largest : undefined,
  read(_, head) {
    if (head.includes(0)) return []
    const what = secretIn(head.toString('utf8'))
    return what === undefined ? [] : [{ kind: 'secret', detail: what }]
  },
}
