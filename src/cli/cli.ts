#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { oneLine } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { cacheFolder } from '../platform/cache-dir.ts'
import { escapedLine, printUncaught } from '../platform/log/escape.ts'
import { terminalLog } from '../platform/log/terminal.ts'
import { openHost } from '../platform/open-host.ts'
import { toolVersion } from '../report/model/make-report.ts'
import { type CommandLine, help, readCommandLine } from './arguments.ts'
import { placeCommand } from './workspace.ts'

/** Loads a command and runs it. Returns the exit code. */
async function call(line: CommandLine, host: Host): Promise<number> {
  switch (line.command) {
    case 'size':
      return (await import('./commands/size.ts')).size(line, host)
    case 'smoke':
      return (await import('./commands/smoke.ts')).smoke(line, host)
    case 'migrate':
      return (await import('./commands/migrate.ts')).migrate(line, host)
    case 'refresh':
      return (await import('./commands/refresh.ts')).refresh(line, host)
    case 'audit':
      return (await import('./commands/audit.ts')).audit(line, host)
    default: {
      const { runAction } = await import('../pipeline/run-action.ts')
      // A terminal has no step outputs and no job summary.
      return (await runAction({ ...line, host, outputs: { output: () => {}, summary: async () => {} } })).exitCode
    }
  }
}

printUncaught()
// The action always runs on Node 24.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`aicleaner-build needs Node 24, this is ${process.version}. "npm test" and "npm run demo" install it.`)
  process.exit(3)
}
const cache = cacheFolder(process.env)
// Makes the next run a tenth faster (measured with a cached build of three images). Does not fail if the folder cannot be written.
if (cache !== undefined) enableCompileCache(join(cache, 'compiled'))
// A reader that closes the pipe (`… | head`) is not an error: the run still finishes and cleans up.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'EPIPE') throw thrown
  })
}
const line = readCommandLine(process.argv.slice(2))
for (const diagnostic of line.diagnostics) console.error(escapedLine(oneLine(diagnostic)))
if (line.diagnostics.length > 0) process.exit(2)
if (line.command === 'help') console.log(help)
else if (line.command === 'version') console.log(toolVersion)
else {
  const isCheckout = (folder: string): boolean => existsSync(join(folder, '.git'))
  const placed = placeCommand(line, process.env.GITHUB_WORKSPACE, process.cwd(), isCheckout)
  const host = { ...openHost(process.env, terminalLog()), workspace: placed.workspace }
  // If the event loop ends before the command does, the command has failed. Not awaited: with a top-level `await` the bundler makes more and smaller files.
  process.exitCode = 1
  void call(placed.line, host).then((exitCode) => process.exit(exitCode))
}
