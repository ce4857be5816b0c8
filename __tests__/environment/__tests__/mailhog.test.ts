import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../../..', path), 'utf8')

test('MailHog is built in the version of the development stack', () => {
  const image = /image: mailhog\/mailhog:(\S+)/.exec(read('docker/docker-compose.dev.yml'))?.[1]
  const module = /github\.com\/mailhog\/MailHog (\S+)/.exec(read('__tests__/environment/recipes/mailhog/go.mod'))?.[1]
  expect(module).toBe(image)
  expect(module).toMatch(/^v\d/)
})
