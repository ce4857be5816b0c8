import fc from 'fast-check'
import { config, dockerfile, type HostileCase, type HostileEvent } from '../checkout.ts'
import { payloads } from '../payloads.ts'

const fine: HostileCase['write'] = (checkout) =>
  void checkout.files({ 'a/config.yaml': config(), 'a/Dockerfile': dockerfile })

/** Everything of an event that goes into a plan. */
const inputs = {
  tags: '{version}\nb-{branch}\npr-{pr}\n{sha}-{date}\n{slug}-{arch}',
  'cache-scope': '{slug}-{branch}',
}

const pull = (text: string): HostileEvent => ({
  name: 'pull_request',
  ref: 'refs/pull/7/merge',
  payload: {
    action: 'labeled',
    number: 7,
    repository: { full_name: 'octo/addons', html_url: text, default_branch: text },
    sender: { login: text },
    pull_request: {
      number: 7,
      title: text,
      body: text,
      labels: [{ name: text }, { name: `size: ${text}` }, text, null, 3, { name: { toString: text } }],
      user: { login: text },
      head: { ref: text, sha: text, repo: { full_name: text } },
      base: { ref: text, sha: text, repo: { full_name: 'octo/addons' } },
    },
  },
  environment: { GITHUB_HEAD_REF: text.replaceAll('\0', '') },
})

const push = (text: string): HostileEvent => ({
  name: 'push',
  ref: `refs/heads/${text}`,
  payload: {
    ref: `refs/heads/${text}`,
    before: text,
    after: text,
    head_commit: { id: text, message: text, timestamp: text, author: { name: text } },
    commits: [{ added: [text], modified: [text] }],
    repository: { full_name: 'octo/addons', html_url: `https://github.com/${text}` },
  },
})

const release = (text: string): HostileEvent => ({
  name: 'release',
  ref: `refs/tags/${text}`,
  payload: {
    action: 'published',
    release: { tag_name: text, name: text, body: text, prerelease: text, draft: false, created_at: text },
    repository: { full_name: 'octo/addons' },
  },
})

const others = (text: string): HostileEvent => ({
  name: 'workflow_run',
  ref: `refs/heads/${text}`,
  payload: {
    workflow_run: {
      event: text,
      head_branch: text,
      head_commit: { timestamp: text },
      head_repository: { full_name: text },
      pull_requests: [text],
    },
    repository: { full_name: text, html_url: text },
  },
})

/** Payloads that have another shape than GitHub's. */
const shapes = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1, 1e308, '', '__proto__', ...payloads),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'pull_request',
        'number',
        'head',
        'base',
        'ref',
        'sha',
        'repo',
        'full_name',
        'labels',
        'name',
        'release',
        'tag_name',
        'repository',
        'head_commit',
        'timestamp',
        'before',
        '__proto__',
        'constructor',
      ),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value

/** GitHub takes no text with a NUL. */
const texts = payloads.filter((payload) => !payload.includes('\0'))

export const eventCases: readonly HostileCase[] = [
  ...texts.map((payload, index): HostileCase => {
    const make = [pull, push, release, others][index % 4] ?? pull
    return {
      family: 'events',
      name: `an event (${make.name}) says ${JSON.stringify(payload.slice(0, 40))}`,
      write: fine,
      inputs,
      event: make(payload),
      ...(index % 16 === 0 && { nasty: true }),
    }
  }),
  ...texts.map((payload, index): HostileCase => {
    const make = [pull, push, release, others][(index + 1) % 4] ?? pull
    return {
      family: 'events',
      name: `an event (${make.name}) says ${JSON.stringify(payload.slice(0, 40))}`,
      write: fine,
      inputs,
      event: make(payload),
    }
  }),
  ...fc.sample(shapes, { numRuns: 40, seed: 11 }).map(
    (payload, index): HostileCase => ({
      family: 'events',
      name: `payload ${index} of another shape`,
      write: fine,
      inputs,
      event: { name: ['pull_request', 'push', 'release', 'merge_group'][index % 4] ?? 'push', payload },
    }),
  ),
]
