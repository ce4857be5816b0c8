import { safeLine } from '../../core/text.ts'
import { type ContextScript, placeOfLayer, type Remark, type Rule, type Subject } from '../rule.ts'
import { startsS6 } from '../s6.ts'
import { s6VersionOf } from '../s6-version.ts'
import { standings, startedPrograms } from '../started.ts'

const service = /(?:^|\/)etc\/(?:services\.d\/[^/]+\/(?:run|finish)|cont-init\.d\/[^/]+|cont-finish\.d\/[^/]+)$/

export const crlfScript: Rule = {
  id: 'image/crlf-script',
  severity: 'error',
  reason: 'With the line ends of Windows the interpreter is looked for under a name that ends with a carriage return.',
  source: 'Linux manual: execve(2); Git documentation: gitattributes',
  link: 'https://git-scm.com/docs/gitattributes#_text',
  check: (subject) =>
    scriptsWith(subject, 'crlf-script', (script) => script.crlf).map(({ path, ...more }) => ({
      message: `The script ${safeLine(path)} has Windows line ends (CRLF) and cannot start.`,
      fix: 'Save it with LF, and add "* text=auto eol=lf" to .gitattributes.',
      ...(standings(subject)(path.replace(/^\//, '')) === 'carried' && { severity: 'notice' as const }),
      ...more,
    })),
}

export const notExecutable: Rule = {
  id: 'image/not-executable',
  severity: 'error',
  reason:
    'A script that is to be started and lacks the right to be executed ends with "permission denied". Versions 1 and 2 of s6-overlay set it themselves in cont-init.d and services.d.',
  source: 's6-overlay documentation; Linux manual: execve(2)',
  link: 'https://github.com/just-containers/s6-overlay#writing-a-service-script',
  check(subject) {
    const started = startedPrograms(subject)
    const relevant = subject.image ? (path: string) => started(path) : (path: string) => service.test(path)
    // A chmod somewhere may set it right: then only the image can tell.
    if (!subject.image && /chmod/.test(subject.dockerfile?.text ?? '')) return []
    const found = scriptsWith(subject, 'not-executable', (script) => !script.executable, relevant)
    if (found.length === 0) return []
    const version = startsS6(subject) ? s6VersionOf(subject) : undefined
    return found.flatMap(({ path, ...more }) => {
      const ofS6 = service.test(path)
      if (ofS6 && version === 'v2') return []
      const unsure = ofS6 && version !== 'v3'
      return [
        {
          message: `The script ${safeLine(path)} may not be executed${unsure ? ', and s6-overlay 3 could not start it' : ''}.`,
          fix: 'Set the bit: "git update-index --chmod=+x FILE", or COPY --chmod=0755.',
          ...(unsure && { severity: 'notice' as const }),
          ...more,
        },
      ]
    })
  },
}

/** By the image where there is one, with the file of the context that it comes from; else by the context. */
function scriptsWith(
  { image, context, target, dockerfile }: Subject,
  kind: 'crlf-script' | 'not-executable',
  wrong: (script: ContextScript) => boolean,
  relevant: (path: string) => boolean = () => true,
): readonly (Pick<Remark, 'where'> & { readonly path: string })[] {
  const scripts = context?.scripts ?? []
  const place = (path: string) => ({
    where: { file: target.context === '.' ? path : `${target.context}/${path}`, line: 1, column: 1 },
  })
  if (!image)
    return scripts
      .filter((script) => wrong(script) && relevant(script.path))
      .map(({ path }) => ({ path, ...place(path) }))
  return image.notes.files
    .filter((note) => note.kind === kind && note.layer >= image.firstOwn && relevant(note.path))
    .map(({ path, layer }) => {
      const origin = scripts.filter(
        (script) => wrong(script) && (script.path === path || script.path.endsWith(`/${path}`)),
      )
      const [only] = origin
      return {
        path: `/${path}`,
        ...(origin.length === 1 && only
          ? place(only.path)
          : placeOfLayer({ image, target, ...(dockerfile && { dockerfile }) }, layer)),
      }
    })
}
