/**
 * What is used of @actions/core. Named one by one in one place, so that the bundle has these and not the OIDC client beside them,
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
