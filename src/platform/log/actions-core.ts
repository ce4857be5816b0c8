/**
 * The functions of @actions/core that are used. Listed one by one, so that the bundle does not have the OIDC client of the package,
 * which brings half a megabyte of HTTP: see scripts/build.mjs.
 */
export {
  debug,
  endGroup,
  error,
  getInput,
  info,
  notice,
  saveState,
  setOutput,
  setSecret,
  startGroup,
  warning,
} from '@actions/core'
