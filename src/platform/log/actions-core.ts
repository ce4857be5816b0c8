/** The used functions of @actions/core, one by one: its OIDC client would bring half a megabyte of HTTP into the bundle, see scripts/build.mjs. */
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
