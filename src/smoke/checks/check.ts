import type { ContainerSpec } from '../../docker/containers.ts'
import type { ContainerRun } from '../container/container-run.ts'
import type { Monitor } from '../container/monitor.ts'
import type { ContainerState } from '../container/state.ts'
import type { SmokeContext } from '../context.ts'
import type { CheckDefinition, CheckOutcome } from '../gates.ts'
import type { TestNetwork } from '../network/test-network.ts'
import type { WaitOutcome } from '../readiness/wait.ts'
import type { CheckResult } from '../result.ts'

/** The container of the first run exists. */
export interface ContainerContext extends SmokeContext {
  readonly network: TestNetwork
  readonly run: ContainerRun
  readonly monitor: Monitor
}

/** The container was started, and the wait for readiness is over. */
export interface OutcomeContext extends ContainerContext {
  readonly outcome: WaitOutcome
}

/** The container ran on for some seconds after it became ready. */
interface SettledContext extends OutcomeContext {
  readonly settledMs: number
  /** Undefined: the container is gone. */
  readonly state: ContainerState | undefined
}

/** The container is still running. */
interface RunningContext extends SettledContext {
  readonly state: ContainerState
}

/** How one further run differs from the first run. */
export interface FurtherRun {
  /** Completes `starts …` and `does not start …`. */
  readonly manner: string
  /** It gets the `/data` of the first run. */
  readonly sameData?: true
  /** It runs in a network without internet access. */
  readonly internalNetwork?: true
  readonly changeSpec?: (spec: ContainerSpec) => ContainerSpec
}

type Result = CheckOutcome | undefined | Promise<CheckOutcome | undefined>

/**
 * One smoke check. Its methods are called in the order below, each at its moment of the test; a check has only the methods that it needs. After
 * a check has reported a result, it is not called again. To add a check, write one file in this folder and add one line to `all.ts`.
 */
export interface SmokeCheck extends CheckDefinition {
  /** Before anything is created. If a check fails here, no container is started. */
  readonly beforeCreate?: (context: SmokeContext) => Result
  /** The container is created, but not started. */
  readonly beforeStart?: (context: ContainerContext) => Result
  /** Docker could not start the container, for the given reason. The test ends here. */
  readonly notStarted?: (context: ContainerContext, reason: string) => Result
  /** The add-on became ready, ended, or did not become ready in time. May report results of other checks that the outcome decides. */
  readonly afterWait?: (context: OutcomeContext) => Promise<readonly CheckResult[]>
  /** No check has failed, and some seconds have passed. Not for `startup: once`. */
  readonly afterSettling?: (context: SettledContext) => Result
  /** As `afterSettling`, and the container is still running. */
  readonly whileRunning?: (context: RunningContext) => Result
  /** However the first run went, while its container is as it was left. */
  readonly afterRun?: (context: OutcomeContext) => Result
  /** No check has failed, and the container is running: stops it. */
  readonly stop?: (context: OutcomeContext) => Result
  /** No check has failed: starts the image again, in another way. */
  readonly furtherRun?: FurtherRun
}
