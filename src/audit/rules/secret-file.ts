import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule } from '../rule.ts'

export const secretFile: Rule = {
  id: 'secret/file',
  severity: 'error',
  reason: 'Every file of every layer can be read by whoever can pull the image, also what a later layer deletes.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check(subject) {
    const { image } = subject
    return (image?.notes.files ?? [])
      .filter(({ kind, layer }) => kind === 'secret' && layer >= (image?.firstOwn ?? 0))
      .map(({ path, detail, hidden, layer }) => ({
        message: `/${safeLine(path)} holds ${detail}${hidden ? '; a later layer hides it, but it can still be read' : ''}.`,
        fix: /(?:^|\/)ssh_host_\w+$/.test(path)
          ? 'Delete it in the RUN that installs the server, and let each device make its own at the start: ssh-keygen -A.'
          : 'Change the secret, it is known now; then keep the file out of the image: .dockerignore, or a secret mount.',
        ...placeOfLayer(subject, layer),
      }))
  },
}
