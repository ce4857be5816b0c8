import { prepareTestbed } from '../testbed.ts'

// Prepares what starts programs, says where they are as one line of JSON, and waits to be ended. Run by testbed.e2e.test.ts.

const testbed = await prepareTestbed({ needs: ['registry', 'classic-engine'], say: () => {} })
console.log(JSON.stringify(testbed.facts))
setInterval(() => {}, 60_000)
