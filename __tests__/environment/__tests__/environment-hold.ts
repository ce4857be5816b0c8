import { prepareTestEnvironment } from '../environment.ts'

// Prepares what starts programs, says where they are as one line of JSON, and waits to be ended. Run by environment.e2e.test.ts.

const testEnvironment = await prepareTestEnvironment({ needs: ['registry', 'classic-engine'], say: () => {} })
console.log(JSON.stringify(testEnvironment.facts))
setInterval(() => {}, 60_000)
