import { execFile } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Finding } from '../../src/audit/finding.ts'
import { openAudit } from '../../src/audit/open.ts'
import { inspectImage } from '../../src/image/image.ts'
import { layoutSource } from '../../src/image/sources/layout.ts'
import { terminalLog } from '../../src/platform/log/terminal.ts'
import { openHost } from '../../src/platform/open-host.ts'
import { runConfig } from '../fixtures/target.ts'
import { addon, labels } from './subjects.ts'

const run = promisify(execFile)

export interface BuildOptions {
  /** Of config.yaml. Default: false. */
  readonly init?: boolean
  /** More arguments of `docker buildx build`. */
  readonly build?: readonly string[]
}

/** The labels that the action sets. */
export const labelled = [...labels].flatMap(([name, value]) => ['--label', `${name}=${value}`])

/** Builds the add-on in a folder of `workspace` and audits the image. */
export function openBuildAndAudit(
  workspace: string,
): (name: string, options?: BuildOptions) => Promise<readonly Finding[]> {
  const environment = { ...process.env, GITHUB_WORKSPACE: workspace, RUNNER_TEMP: join(workspace, 'temporary') }
  const audit = openAudit({ auditIgnore: [] }, openHost(environment, terminalLog(), new EventEmitter()))
  return async (name, { init = false, build = [] } = {}) => {
    const layout = join(workspace, `${name}-image`)
    const output = `type=oci,tar=false,dest=${layout}`
    const platform = ['--platform', 'linux/amd64', '--provenance=false', '--output', output]
    await run('docker', ['buildx', 'build', ...platform, ...build, join(workspace, name)])
    const source = layoutSource(layout)
    const { measure, notes } = await inspectImage(source, 'linux/amd64')
    const target = addon({ id: name, context: name, dockerfile: `${name}/Dockerfile`, run: runConfig({ init }) })
    return audit(target, { image: { source, measure, notes } })
  }
}
