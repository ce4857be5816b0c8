import { leftoverViolations } from '../leftovers.ts'
import type { Rule } from '../rule.ts'

export const bytecode: Rule = {
  id: 'image/bytecode',
  severity: 'notice',
  reason: 'With its source and its __pycache__, the image contains every Python module twice.',
  source: 'Python documentation: PYTHONDONTWRITEBYTECODE, compileall',
  link: 'https://docs.python.org/3/library/compileall.html',
  check: (input) =>
    leftoverViolations(input, 'bytecode', 100_000, () => ({
      message: 'The image contains Python modules both as source and as bytecode (__pycache__).',
      fix: 'For a small image, use "pip install --no-compile" and ENV PYTHONDONTWRITEBYTECODE=1. For a small image that also starts fast, compile with "python -m compileall -b" and delete the sources.',
    })),
}
