import { runConfig } from '../../fixtures/target.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { bare, second, third, unsure, v2, v3, withInit } from '../s6.ts'
import { addon, based, clean } from '../subjects.ts'

testDockerfiles('addon/s6-with-init', {
  reports: [
    [clean.replace('["/run.sh"]', '["/init"]'), 5, { target: addon({ run: runConfig() }) }],
    [
      based('FROM ghcr.io/home-assistant/amd64-base:3.20').replace(/\nENTRYPOINT.*/, ''),
      1,
      { target: addon({ run: runConfig() }) },
    ],
    [
      based('FROM lscr.io/linuxserver/x:1.2.3').replace(/\nENTRYPOINT.*/, ''),
      1,
      { target: addon({ run: runConfig() }) },
    ],
  ],
  accepts: [
    [clean.replace('["/run.sh"]', '["/init"]'), { target: addon() }],
    [based('FROM ghcr.io/home-assistant/amd64-base:3.20'), { target: addon({ run: runConfig() }) }],
  ],
  severities: [
    ['s6-overlay 3', bare(v3), 'error', withInit],
    ['s6-overlay 2', bare(v2), undefined, withInit],
    ['an s6-overlay that is not known', bare(unsure), 'notice', withInit],
    ['an /init that is not known', clean.replace('["/run.sh"]', '["/init"]'), 'notice', withInit],
    [
      'a base image, which is never installed',
      bare(v3),
      undefined,
      { target: addon({ addon: 'debian-base', run: runConfig({ init: true }) }) },
    ],
  ],
})

testImages('addon/s6-with-init', {
  reports: [
    ['s6-overlay 3', { base: third, config: { Entrypoint: ['/init'] }, init: true }, { severity: 'error' }],
    ['another /init', { config: { Entrypoint: ['/init'] }, init: true }, { severity: 'notice' }],
  ],
  accepts: [
    ['s6-overlay 2', { base: second, config: { Entrypoint: ['/init'] }, init: true }],
    ['init: false', { config: { Entrypoint: ['/init'] }, init: false }],
  ],
})
