import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./samples/memory.ts', import.meta.url))
const grownBy = (...args: readonly string[]): number =>
  Number(
    execFileSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }),
  )

// 2000 MB were measured by hand; what matters is that memory does not follow the size of the image.
test.each(['gzip', 'zstd', 'none'])('measuring 150 MB in %s takes less than 130 MB of memory', (kind) => {
  expect(grownBy('150', kind, '1500')).toBeLessThan(130)
})
