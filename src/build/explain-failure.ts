import { lostLayer } from '../docker/images.ts'

export interface BuildFailure {
  readonly reason: string
  readonly remedy?: string
  /** The cause is the machine, the builder or the registry, not the add-on. */
  readonly environment?: true
}

const rerun = 'Nothing was published. Run the job again.'

// Source: BuildKit source/containerimage, containerd remotes/docker.
const unresolved = /failed to resolve source metadata for (\S+): (.*)/i

/** The first entry that matches is used. */
const causes: readonly {
  readonly error: RegExp
  /** Must match the last group of `error`. */
  readonly detail?: RegExp
  readonly explain: (reason: string, match: RegExpExecArray) => BuildFailure
}[] = [
  {
    error: unresolved,
    detail: /not found|no match for platform/,
    explain: (_, [, image]) => ({
      reason: `The registry does not have the base image ${image} for this architecture.`,
      remedy:
        'Check the name and tag in build_from of build.yaml, or in FROM. If the base does not exist for an architecture, remove the architecture from "arch" in config.yaml.',
    }),
  },
  {
    error: unresolved,
    detail: /\b(?:401|403)\b|unauthorized|denied|forbidden/i,
    explain: (_, [, image]) => ({
      reason: `The registry refuses the base image ${image}: it does not exist, or this job may not read it.`,
      remedy:
        'Check the name in build_from of build.yaml, or in FROM. For a private image, log in in an earlier step (docker/login-action).',
    }),
  },
  {
    error: unresolved,
    detail: /\b(?:50\d|429)\b|timeout|refused|reset|no such host|EOF/i,
    explain: (_, [, image, why]) => ({
      reason: `The registry of the base image ${image} does not answer: ${why}`,
      remedy: 'Run the job again when the registry works.',
      environment: true,
    }),
  },
  {
    // Source: gRPC codes as buildx prints them; docker's client, "Cannot connect to the Docker daemon".
    error:
      /code = Unavailable|error reading from server|failed to receive status|transport is closing|Cannot connect to the Docker daemon|error during connect|No such container|container \S+ is not running/i,
    explain: (reason) => ({
      reason: `The builder stopped during the build: ${reason}`,
      remedy: `Possible causes: too little memory, a restart of the Docker daemon, or "docker rm". ${rerun}`,
      environment: true,
    }),
  },
]

/** Pure. `reason`: the last error of buildx; `exitCode`: 128 + signal if a signal ended buildx. */
export function explainFailure(reason: string, exitCode: number): BuildFailure {
  if (exitCode > 128 && exitCode !== 130) {
    return {
      reason: `buildx was ended by signal ${exitCode - 128} during the build.`,
      remedy: `Another process, or the kernel, ended it. Signal 9 usually means too little memory. ${rerun}`,
      environment: true,
    }
  }
  if (lostLayer(reason)) {
    return {
      // The reason stays at the end: `buildTarget` recognizes it there.
      reason: `Docker's image store removed a layer that this build was using: ${reason}`,
      remedy: `Another process removed images on this machine at the same time. Update Docker, or use "driver: docker-container". ${rerun}`,
      environment: true,
    }
  }
  for (const { error, detail, explain } of causes) {
    const match = error.exec(reason)
    if (match && (!detail || detail.test(match.at(-1) ?? ''))) return explain(reason, match)
  }
  return { reason }
}
