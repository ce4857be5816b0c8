import { big } from '../images.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/bytecode', {
  reports: [
    ['__pycache__', { layers: [[{ path: 'app/__pycache__/a.cpython-312.pyc', content: big }]] }, { bytes: 300_000 }],
  ],
  accepts: [
    [
      'that of the packages of the distribution',
      { layers: [[{ path: 'usr/lib/python3/dist-packages/x/__pycache__/a.pyc', content: big }]] },
    ],
    ['a little', { layers: [[{ path: 'app/__pycache__/a.pyc', content: 'x' }]] }],
  ],
})
