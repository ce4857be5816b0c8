import { validate } from '@actions/languageservice'
import { parse } from 'yaml'

let documents = 0

/** A name that no file had before: the language service keeps what it found by the name of the file. */
const fresh = (file: string): string => {
  documents += 1
  return `file:///${documents}/${file}`
}

/** What the language service asks of an editor's document. */
const documentOf = (file: string, contents: string): Parameters<typeof validate>[0] => ({
  uri: fresh(file),
  languageId: 'yaml',
  version: 1,
  lineCount: contents.split('\n').length,
  getText: () => contents,
  positionAt: (offset) => {
    const before = contents.slice(0, offset).split('\n')
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
  },
  offsetAt: () => 0,
  getLineRange: (line) => ({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } }),
  getEOLCharacters: () => '\n',
})

interface Job {
  readonly strategy?: { readonly matrix?: unknown }
  readonly uses?: string
  readonly steps?: readonly unknown[]
}

/** What GitHub refuses or reads as nothing, and its language service does not say. */
function unseen(contents: string): readonly string[] {
  const { jobs = {} } = parse(contents) as { readonly jobs?: Readonly<Record<string, Job>> }
  return Object.entries(jobs).flatMap(([name, job]) => [
    ...(job.uses === undefined && !job.steps?.length ? [`${name}: a job without steps`] : []),
    ...(job.strategy?.matrix === undefined && /\bmatrix\./.test(JSON.stringify(job))
      ? [`${name}: there is no matrix`]
      : []),
  ])
}

/** What is wrong with a workflow, or with an action where the file is called `action.yml`: lines and messages. */
export async function workflowProblems(file: string, contents: string): Promise<readonly string[]> {
  const found = await validate(documentOf(file, contents))
  return [...found.map(({ message, range }) => `${range.start.line + 1}: ${message}`), ...unseen(contents)]
}
