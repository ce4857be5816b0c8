import { safeLine } from '../../core/text.ts'
import { sourcesOf } from '../../dockerfile/instructions.ts'
import { instructionsOf, type Rule } from '../rule.ts'

export const addUrl: Rule = {
  id: 'dockerfile/add-url',
  severity: 'warning',
  reason: 'The content of a URL can change or be replaced. Only a checksum detects this.',
  source: 'Docker, Dockerfile reference: ADD --checksum',
  link: 'https://docs.docker.com/reference/dockerfile/#add---checksum',
  check: (input) =>
    instructionsOf(input, 'ADD').flatMap((instruction) => {
      const url = sourcesOf(instruction).find((source) =>
        /^(?:https?:|git@|git:|ssh:)/i.test(input.dockerfile?.value(source) ?? source),
      )
      // A commit is a checksum as well.
      if (url === undefined || instruction.flags.has('checksum') || /#[0-9a-f]{40}(?::|$)/.test(url)) return []
      return [
        {
          message: `ADD downloads ${safeLine(url.replace(/\/\/[^/@]*@/, '//'))} without a checksum.`,
          fix: 'Add --checksum=sha256:…; for a Git repository, add the commit.',
          where: instruction.where,
        },
      ]
    }),
}
