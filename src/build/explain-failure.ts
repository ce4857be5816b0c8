import { lostSnapshot } from '../docker/snapshots.ts'

/** Why a build ended, as far as the words of buildx tell more than they say. */
export interface BuildFailure {
  readonly reason: string
  readonly remedy?: string
  /** The machine, the builder or the registry is to blame, not the add-on. */
  readonly environment?: true
}

const rerun = 'Nothing was published: run it again.'

// Source: BuildKit source/containerimage, containerd remotes/docker.
const unresolved = /failed to resolve source metadata for (\S+): (.*)/i

/** Each begins with what it looks for; the first that fits is taken. */
const endings: readonly {
  readonly said: RegExp
  /** Where it is there, the last group has to fit as well. */
  readonly because?: RegExp
  readonly end: (reason: string, match: RegExpExecArray) => BuildFailure
}[] = [
  {
    said: unresolved,
    because: /not found|no match for platform/,
    end: (_, [, image]) => ({
      reason: `The base image ${image} is not there for this architecture: the registry does not have it.`,
      remedy:
        'Look for the name and tag in build_from of build.yaml, or in FROM; an architecture that the base is not made for has to go from "arch" in config.yaml.',
    }),
  },
  {
    said: unresolved,
    because: /401|403|unauthorized|denied|forbidden/i,
    end: (_, [, image]) => ({
      reason: `The registry does not give out the base image ${image}: there is none of that name, or this job may not read it.`,
      remedy:
        'Look for the name in build_from of build.yaml, or in FROM; for a private image log in before (docker/login-action).',
    }),
  },
  {
    said: unresolved,
    because: /50\d|429|timeout|refused|reset|no such host|EOF/i,
    end: (_, [, image, why]) => ({
      reason: `The registry of the base image ${image} does not answer: ${why}`,
      remedy: 'Run it again when the registry is well.',
      environment: true,
    }),
  },
  {
    // Source: gRPC codes as buildx prints them; docker's client, "Cannot connect to the Docker daemon".
    said: /code = Unavailable|error reading from server|failed to receive status|transport is closing|Cannot connect to the Docker daemon|error during connect|No such container|container \S+ is not running/i,
    end: (reason) => ({
      reason: `The builder went away in the middle of the build: ${reason}`,
      remedy: `Something ended it, or the Docker daemon: too little memory, a restart, or "docker rm". ${rerun}`,
      environment: true,
    }),
  },
]

/** Pure. `reason`: what buildx said last; `exitCode`: 128 + signal where a signal ended it that we have not sent. */
export function explainFailure(reason: string, exitCode: number): BuildFailure {
  if (exitCode > 128 && exitCode !== 130) {
    return {
      reason: `buildx was ended by signal ${exitCode - 128} in the middle of the build.`,
      remedy: `Something on this machine ended it; with signal 9 that is mostly the kernel, for want of memory. ${rerun}`,
      environment: true,
    }
  }
  if (lostSnapshot(reason)) {
    return {
      // Its last words stay the last: `buildTarget` knows it by them.
      reason: `The image store of Docker removed a layer that this build was using: ${reason}`,
      remedy: `Something removed images on this machine at the same time. Update Docker, or use "driver: docker-container". ${rerun}`,
      environment: true,
    }
  }
  for (const { said, because, end } of endings) {
    const match = said.exec(reason)
    if (match && (!because || because.test(match.at(-1) ?? ''))) return end(reason, match)
  }
  return { reason }
}
