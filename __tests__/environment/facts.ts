import { readFileSync } from 'node:fs'
import type { Architecture } from '../../src/core/architecture.ts'

/** A piece of the test environment that can be available or missing. */
export type Need =
  | 'engine'
  | 'classic-engine'
  | 'containerd-engine'
  | 'emulators'
  | 'registry'
  | 'bases'
  | 'buildkit'
  | 'browser'
  | 'cosign'
  | 'sshd'
  | 'mailhog'
  | 'registry3'

/** The prepared test environment as plain data. End-to-end tests read it from the file named in AICLEANER_TEST_ENVIRONMENT. */
export interface Facts {
  /** Address of a registry on loopback that needs no login: `localhost:5000`. */
  readonly registry?: string
  /** The engine that `docker` talks to. */
  readonly engine?: EngineFacts
  /** Values for DOCKER_HOST: one engine for each image store, if prepared. One of them is the main engine. */
  readonly engines: { readonly containerd?: string; readonly classic?: string }
  /** References without tag: `:latest` is an index of all platforms, `:{arch}` one image by its Home Assistant name. `s6` exists natively only. */
  readonly bases?: { readonly tiny: string; readonly python: string; readonly s6: string }
  /** Architectures whose containers run on this machine, the native one included. */
  readonly runnable: readonly Architecture[]
  /** Image for docker-container builders, present in every prepared engine. */
  readonly buildkit?: string
  /** Folder with the program `MailHog`, for this machine's architecture. */
  readonly mailhog?: string
  /** The program of distribution 3, for `startRegistry3`. Tests that use it name the need `registry3`. */
  readonly registry3?: string
  /** The missing pieces, each with the reason. */
  readonly missing: Readonly<Partial<Record<Need, string>>>
}

export interface EngineFacts {
  readonly version: string
  readonly store: 'containerd' | 'classic'
  readonly dockerHost: string
}

/** The facts of this test run. Throws if the tests were not started by `npm test`. */
export function readFacts(environment: NodeJS.ProcessEnv = process.env): Facts {
  const file = environment.AICLEANER_TEST_ENVIRONMENT
  if (!file) throw new Error('Run the end-to-end tests with "npm test -- e2e": they need the test environment.')
  return JSON.parse(readFileSync(file, 'utf8')) as Facts
}

/** Why tests that need all of `needs` cannot run, as text for the name of a skipped test; undefined if they can run. */
export function whySkipped(needs: readonly Need[], facts: Facts): string | undefined {
  const reasons = needs.flatMap((need) => {
    const reason = facts.missing[need]
    return reason === undefined ? [] : [`${need}: ${reason}`]
  })
  return reasons.length === 0 ? undefined : `skipped, missing ${reasons.join('; ')}`
}
