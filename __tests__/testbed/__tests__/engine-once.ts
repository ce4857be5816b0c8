import { prepareTestbed } from '../testbed.ts'

// Prepares an engine and says how that went, as one line of JSON. Run by stale-engine.e2e.test.ts where there is nothing else.

const lines: string[] = []
const testbed = await prepareTestbed({ needs: ['engine'], say: (line) => lines.push(line) })
await testbed.release()
console.log(JSON.stringify({ lines, missing: testbed.facts.missing }))
