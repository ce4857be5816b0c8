import { must } from '../machine/command.ts'

// Messages of the errors DIGEST_INVALID and MANIFEST_BLOB_UNKNOWN of distribution.
const transientErrors = /digest did not match uploaded content|blob unknown to registry/
const maxCalls = 4

/**
 * Copies an image to a tag, or joins several images there. Docker uploads manifests in parallel, and a registry on a file system writes each link in two
 * steps: if it reads a link between them, it reports a transient error, so the call is repeated. Source: distribution `registry/storage/linkedblobstore.go`.
 */
export async function createImage(tag: string, from: readonly string[], call = must): Promise<void> {
  const args = ['buildx', 'imagetools', 'create', '--tag', tag, ...from]
  for (let calls = 1; ; calls += 1) {
    try {
      await call('docker', args, { timeoutMs: 300_000 })
      return
    } catch (thrown) {
      if (calls === maxCalls || !transientErrors.test(String(thrown))) throw thrown
    }
  }
}
