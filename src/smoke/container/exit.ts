const meanings: Readonly<Record<number, string>> = {
  0: 'ended without an error',
  125: 'the Docker daemon could not run it',
  126: 'the entrypoint is not executable',
  127: 'the entrypoint was not found',
  132: 'illegal instruction (SIGILL): built for another processor',
  134: 'aborted (SIGABRT)',
  136: 'arithmetic error (SIGFPE)',
  137: 'killed (SIGKILL)',
  139: 'segmentation fault (SIGSEGV)',
  141: 'broken pipe (SIGPIPE)',
  143: 'ended by SIGTERM without handling it',
}

/** `exit code 137: killed (SIGKILL)`. */
export function describeExit(code: number): string {
  const meaning = meanings[code] ?? (code > 128 && code < 193 ? `ended by signal ${code - 128}` : undefined)
  return meaning ? `exit code ${code}: ${meaning}` : `exit code ${code}`
}

/** Why a container did not start, from the message of the container runtime. */
export function describeStartError(message: string): string {
  if (/exec format error/i.test(message)) return 'the entrypoint is built for another architecture (exec format error)'
  if (/no such file or directory|executable file not found/i.test(message)) return 'the entrypoint was not found'
  if (/permission denied|is a directory/i.test(message)) return 'the entrypoint is not executable'
  return 'the container could not be started'
}
