import { apk, pack } from '../images.ts'
import { testImages } from '../rule-tests.ts'

testImages('image/dev-packages', {
  reports: [['headers', { layers: [[apk(pack('zlib-dev', 7000))]] }, { bytes: 7000 }]],
  accepts: [['others', { layers: [[apk(pack('device-mapper', 9), pack('libdev', 1))]] }]],
})
