import type { SourceLocation } from '../../core/diagnostics.ts'
import { safeLine } from '../../core/text.ts'
import { programRoles, startedPrograms } from '../program-role.ts'
import { type ContextScript, layerLocation, ownFiles, type Rule, type RuleInput, type Violation } from '../rule.ts'
import { startsS6 } from '../s6.ts'
import { s6VersionOf } from '../s6-version.ts'

const service = /(?:^|\/)etc\/(?:services\.d\/[^/]+\/(?:run|finish)|cont-init\.d\/[^/]+|cont-finish\.d\/[^/]+)$/

export const crlfScript: Rule = {
  id: 'image/crlf-script',
  severity: 'error',
  reason: 'With Windows line endings, Linux looks for an interpreter whose name ends with a carriage return.',
  source: 'Linux manual: execve(2); Git documentation: gitattributes',
  link: 'https://git-scm.com/docs/gitattributes#_text',
  check(input) {
    const roleOf = programRoles(input)
    return scriptsWith(input, 'crlf-script', (script) => script.crlf).map(({ path, ...location }) => ({
      message: `The script ${safeLine(path)} has Windows line endings (CRLF) and cannot start.`,
      fix: 'Save it with LF line endings, and add "* text=auto eol=lf" to .gitattributes.',
      ...(roleOf(path.replace(/^\//, '')) === 'dependency' && { severity: 'notice' as const }),
      ...location,
    }))
  },
}

export const notExecutable: Rule = {
  id: 'image/not-executable',
  severity: 'error',
  reason:
    'A script without the execute permission fails to start with "permission denied". s6-overlay 1 and 2 set the permission in cont-init.d and services.d themselves.',
  source: 's6-overlay documentation; Linux manual: execve(2)',
  link: 'https://github.com/just-containers/s6-overlay#writing-a-service-script',
  check(input) {
    // A chmod in the Dockerfile may set the permission: then only the image can tell.
    if (!input.image && /chmod/.test(input.dockerfile?.text ?? '')) return []
    const isStarted = input.image ? startedPrograms(input) : (path: string) => service.test(path)
    const scripts = scriptsWith(input, 'not-executable', (script) => !script.executable, isStarted)
    if (scripts.length === 0) return []
    const version = startsS6(input) ? s6VersionOf(input) : undefined
    return scripts
      .map((script) => ({ ...script, isService: service.test(script.path) }))
      .filter(({ isService }) => !isService || version !== 'v2')
      .map(({ path, isService, ...location }) => {
        const isUnsure = isService && version !== 'v3'
        return {
          message: `The script ${safeLine(path)} is not executable${isUnsure ? '. s6-overlay 3 cannot start it' : ''}.`,
          fix: 'Set the permission: "git update-index --chmod=+x FILE", or COPY --chmod=0755.',
          ...(isUnsure && { severity: 'notice' as const }),
          ...location,
        }
      })
  },
}

/** Scripts in the image, with the file of the context that they come from; before a build, scripts of the context. */
function scriptsWith(
  input: RuleInput,
  kind: 'crlf-script' | 'not-executable',
  isWrong: (script: ContextScript) => boolean,
  isRelevant: (path: string) => boolean = () => true,
): readonly (Pick<Violation, 'where'> & { readonly path: string })[] {
  const { context } = input.target
  const scripts = (input.context?.scripts ?? []).filter(isWrong)
  const locationOf = (path: string): SourceLocation => ({
    file: context === '.' ? path : `${context}/${path}`,
    line: 1,
    column: 1,
  })
  if (!input.image) {
    return scripts.filter(({ path }) => isRelevant(path)).map(({ path }) => ({ path, where: locationOf(path) }))
  }
  return ownFiles(input, kind)
    .filter(({ path }) => isRelevant(path))
    .map(({ path, layer }) => {
      const [source, ...others] = scripts.filter((script) => `/${script.path}`.endsWith(`/${path}`))
      return {
        path: `/${path}`,
        ...(source && others.length === 0 ? { where: locationOf(source.path) } : layerLocation(input, layer)),
      }
    })
}
