import { testImages } from '../rule-tests.ts'

testImages('image/vcs-folder', {
  reports: [['.git', { layers: [[{ path: 'app/.git/HEAD', content: 'ref: x' }]] }, { bytes: 6 }]],
  accepts: [['.gitignore', { layers: [[{ path: 'app/.gitignore', content: 'x' }]] }]],
})
