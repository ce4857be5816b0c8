import { testDockerfiles } from '../rule-tests.ts'
import { withLines } from '../subjects.ts'

testDockerfiles('dockerfile/add-url', {
  reports: [
    [withLines('ADD https://example.org/tool.tar.gz /opt/'), 2],
    [withLines('ARG V=1', 'ADD ["https://example.org/tool-$V", "/opt/"]'), 3],
    [withLines('ADD https://github.com/a/b.git#main /opt'), 2],
  ],
  accepts: [
    [
      withLines(
        'ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/a /a',
      ),
    ],
    [withLines(`ADD https://github.com/a/b.git#${'0'.repeat(40)} /opt`, 'ADD rootfs.tar.gz /')],
  ],
})
