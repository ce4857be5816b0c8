import type { Rule } from './rule.ts'
import { addUrl } from './rules/add-url.ts'
import { baseNotPinned } from './rules/base-not-pinned.ts'
import { buildTools } from './rules/build-tools.ts'
import { bytecode } from './rules/bytecode.ts'
import { cacheOrder } from './rules/cache-order.ts'
import { chownCopy } from './rules/chown-copy.ts'
import { deletedLater } from './rules/deleted-later.ts'
import { devPackages } from './rules/dev-packages.ts'
import { emptyPassword } from './rules/empty-password.ts'
import { noIgnoreFile, weakIgnoreFile } from './rules/ignore-file.ts'
import { labels } from './rules/labels.ts'
import { missingInterpreter } from './rules/missing-interpreter.ts'
import { noHealthcheck } from './rules/no-healthcheck.ts'
import { packageCache } from './rules/package-cache.ts'
import { rootUser } from './rules/root-user.ts'
import { s6WithInit } from './rules/s6-with-init.ts'
import { crlfScript, notExecutable } from './rules/scripts.ts'
import { secretBuildArgument } from './rules/secret-build-argument.ts'
import { secretEnvironment } from './rules/secret-environment.ts'
import { secretFile } from './rules/secret-file.ts'
import { secretHistory } from './rules/secret-history.ts'
import { setuid } from './rules/setuid.ts'
import { slowHealthcheck } from './rules/slow-healthcheck.ts'
import { tests } from './rules/tests.ts'
import { vcsFolder } from './rules/vcs-folder.ts'
import { virtualLeftover } from './rules/virtual-leftover.ts'
import { worldWritable } from './rules/world-writable.ts'
import { wrongArchitecture } from './rules/wrong-architecture.ts'

/** To add a rule, add a file in `rules/` and a line here. */
export const rules: readonly Rule[] = [
  buildTools,
  devPackages,
  rootUser,
  noHealthcheck,
  slowHealthcheck,
  secretEnvironment,
  secretBuildArgument,
  secretHistory,
  secretFile,
  packageCache,
  virtualLeftover,
  bytecode,
  vcsFolder,
  tests,
  baseNotPinned,
  addUrl,
  cacheOrder,
  deletedLater,
  chownCopy,
  noIgnoreFile,
  weakIgnoreFile,
  setuid,
  emptyPassword,
  worldWritable,
  wrongArchitecture,
  missingInterpreter,
  crlfScript,
  notExecutable,
  s6WithInit,
  labels,
]
