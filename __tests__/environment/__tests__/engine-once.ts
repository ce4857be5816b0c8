import { prepareTestEnvironment } from '../environment.ts'

// Prepares an engine and says how that went, as one line of JSON. Run by stale-engine.e2e.test.ts where there is nothing else.

const lines: string[] = []
const testEnvironment = await prepareTestEnvironment({ needs: ['engine'], say: (line) => lines.push(line) })
await testEnvironment.release()
console.log(JSON.stringify({ lines, missing: testEnvironment.facts.missing }))
