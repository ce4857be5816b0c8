import { parseMaxIncrease, parseMaxSize } from './budgets.ts'
import { parseBaseline } from './kinds.ts'
import type { SizeOptions, VersionOptions } from './options.ts'
import type { InputReader } from './reader.ts'
import { gateActions } from './values.ts'

export const versionInputs = (read: InputReader): VersionOptions => ({
  versionGate: read.choice('version-gate', gateActions, 'warn'),
})

export const sizeInputs = (read: InputReader): SizeOptions => ({
  baseline: read.one('baseline', 'not-a-baseline', parseBaseline) ?? { kind: 'auto' },
  maxSize: read.one('max-size', 'not-a-size', parseMaxSize) ?? { only: new Map() },
  maxIncrease: read.one('max-increase', 'not-a-size', parseMaxIncrease) ?? { only: new Map() },
  sizeGate: read.choice('size-gate', gateActions, 'fail'),
})
