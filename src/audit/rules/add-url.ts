import { safeLine } from '../../core/text.ts'
import { at, type Rule, stepsOf } from '../rule.ts'

export const addUrl: Rule = {
  id: 'dockerfile/add-url',
  severity: 'warning',
  reason: 'What an address serves can change or be replaced; without a checksum nobody notices.',
  source: 'Docker, Dockerfile reference: ADD --checksum',
  link: 'https://docs.docker.com/reference/dockerfile/#add---checksum',
  check(subject) {
    const { dockerfile } = subject
    if (!dockerfile) return []
    return stepsOf(subject, 'ADD').flatMap((step) => {
      const sources = (step.json ?? step.text.split(/\s+/)).slice(0, -1)
      const address = sources.find((source) => /^(?:https?:|git@|git:|ssh:)/i.test(dockerfile.value(source) ?? source))
      // A commit is a checksum as well.
      if (address === undefined || step.flags.has('checksum') || /#[0-9a-f]{40}(?::|$)/.test(address)) return []
      return [
        {
          message: `ADD fetches ${safeLine(address.replace(/\/\/[^/@]*@/, '//'))} without a checksum.`,
          fix: 'Add --checksum=sha256:…, or the commit where it is a repository.',
          where: at(dockerfile, step),
        },
      ]
    })
  },
}
