import type { RestClient } from './rest.ts'

/** The pull request that comments are written to, and the key that finds our own. */
export interface Conversation {
  readonly client: RestClient
  /** `owner/name`. */
  readonly repository: string
  /** Number of the pull request. */
  readonly number: number
  readonly key: string
}

export interface UpsertOptions extends Conversation {
  /** From `renderComment`: its last line is the marker. */
  readonly body: string
  readonly run: { readonly id: string; readonly attempt: number }
  /** `update`: no comment is created, and one that another job of this attempt wrote stays. */
  readonly policy: 'auto' | 'always' | 'on-change' | 'never' | 'update'
  /** Set if other jobs of the run may write to the same comment. */
  readonly shared?: SharedComment
}

export type UpsertResult =
  | { readonly url: string; readonly action: 'created' | 'updated' | 'unchanged' | 'superseded' }
  | { readonly skipped: string }

/** A job of a run in which other jobs may build other architectures of the same targets. */
export interface SharedComment {
  /** `false`: the job built everything there is. It shares a comment only if another job of its run has parts in it already. */
  readonly partial: boolean
  /** The part of this job alone. */
  readonly parts: CommentParts
  /** Milliseconds before this job reads the comment again. Different for jobs that end together. */
  readonly waitMs: (round: number) => number
  readonly sleep: (ms: number) => Promise<void>
}

/** The parts of a comment that the jobs of one run have written, as far as they were seen. Immutable. */
export interface CommentParts {
  /** These parts, and those in the bodies, which are comments of the same run. */
  readonly add: (bodies: readonly string[]) => CommentParts
  /** Parts of other jobs are among them. */
  readonly hasOthers: boolean
  /** The body of a comment with all of them. */
  readonly render: () => string
}
