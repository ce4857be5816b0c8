import { join } from 'node:path'
import { workspaceFiles } from '../addon/files.ts'
import { readText } from '../addon/yaml/text.ts'
import { Failure } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { copiedSources, readDockerfile } from '../dockerfile/dockerfile.ts'
import type { Target } from '../plan/plan.ts'
import { measureContext } from './context.ts'
import type { ContextMeasure } from './context-measure.ts'

/** Measures the build context of a target; undefined if it cannot be read: then the log has the reason. */
export type MeasureContextOf = (target: Target) => Promise<ContextMeasure | undefined>

/** Several architectures and add-ons may share a context: each is measured once, on first use. */
export function openContexts(host: Pick<Host, 'workspace' | 'signal' | 'log'>): MeasureContextOf {
  const known = new Map<string, Promise<ContextMeasure | undefined>>()
  return (target) => {
    const key = JSON.stringify([target.context, target.dockerfile])
    const measure = known.get(key) ?? measureOf(target, host)
    known.set(key, measure)
    return measure
  }
}

async function measureOf(
  target: Target,
  { workspace, signal, log }: Parameters<typeof openContexts>[0],
): Promise<ContextMeasure | undefined> {
  try {
    const found = await readText(target.dockerfile, workspaceFiles(workspace))
    const dockerfile = found && 'text' in found ? readDockerfile(found.text, target.dockerfile).dockerfile : undefined
    const copied = copiedSources(dockerfile)
    return await measureContext(
      join(workspace, target.context),
      join(workspace, target.dockerfile),
      copied,
      signal,
      workspace,
    )
  } catch (thrown) {
    signal.throwIfAborted()
    if (!(thrown instanceof Failure)) throw thrown
    for (const diagnostic of thrown.diagnostics) log.report({ ...diagnostic, severity: 'warning' })
    return undefined
  }
}
