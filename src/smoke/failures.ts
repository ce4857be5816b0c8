import { error, Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'

export function throwIfCancelled({ signal }: Host): void {
  if (!signal.aborted) return
  throw new Failure('cancelled', [error('smoke/cancelled', 'The run was cancelled during a smoke test.', '')])
}

export const environmentFailure = (code: string, message: string): Failure =>
  new Failure('environment', [
    error(code, message, 'Check that the Docker daemon of this machine works: run "docker info".'),
  ])
