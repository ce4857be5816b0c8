import type { Rule } from '../rule.ts'
import { litter } from './litter.ts'

export const bytecode: Rule = {
  id: 'image/bytecode',
  severity: 'notice',
  reason: 'With sources and their __pycache__ the image holds every Python module twice.',
  source: 'Python documentation: PYTHONDONTWRITEBYTECODE, compileall',
  link: 'https://docs.python.org/3/library/compileall.html',
  check: (subject) =>
    litter(subject, 'bytecode', 100_000, () => ({
      message: 'Python modules stand in the image as source and as byte code (__pycache__).',
      fix: 'pip install --no-compile and ENV PYTHONDONTWRITEBYTECODE=1 for small; or compile with "python -m compileall -b" and delete the sources, for small and quick.',
    })),
}
