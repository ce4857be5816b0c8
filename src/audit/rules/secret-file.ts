import { safeLine } from '../../core/text.ts'
import { layerLocation, ownFiles, type Rule } from '../rule.ts'

export const secretFile: Rule = {
  id: 'secret/file',
  severity: 'error',
  reason: 'Everyone who can pull the image can read every file of every layer, even if a later layer deletes it.',
  source: 'Docker, build secrets',
  link: 'https://docs.docker.com/build/building/secrets/',
  check: (input) =>
    ownFiles(input, 'secret').map(({ path, detail, hidden, layer }) => ({
      message: `/${safeLine(path)} contains ${detail}${hidden ? '. A later layer hides the file, but it can still be read' : ''}.`,
      fix: /(?:^|\/)ssh_host_\w+$/.test(path)
        ? 'Delete it in the RUN that installs the server, and create a key on each device when the add-on starts: ssh-keygen -A.'
        : 'Replace the secret, because it is exposed. Then keep the file out of the image with .dockerignore or a secret mount.',
      ...layerLocation(input, layer),
    })),
}
