import { must } from '../machine/command.ts'

// In the words of distribution's errors DIGEST_INVALID and MANIFEST_BLOB_UNKNOWN.
const doubts = /digest did not match uploaded content|blob unknown to registry/
const mostCalls = 4

/**
 * Copies an image, or joins several, under a tag. docker uploads manifests side by side, and a registry on a file system, which writes a link in two steps,
 * doubts one whose link it reads between them: the same call once more goes well. Source: distribution `registry/storage/linkedblobstore.go`.
 */
export async function createImage(tag: string, from: readonly string[], call = must): Promise<void> {
  const args = ['buildx', 'imagetools', 'create', '--tag', tag, ...from]
  for (let calls = 1; ; calls += 1) {
    try {
      await call('docker', args, { timeoutMs: 300_000 })
      return
    } catch (thrown) {
      if (calls === mostCalls || !doubts.test(String(thrown))) throw thrown
    }
  }
}
