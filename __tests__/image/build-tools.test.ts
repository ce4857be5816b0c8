import { belongsToTools, isBuildTool, isDevelopment, mayServeAtRunTime } from '../../src/image/build-tools.ts'

const tools = [
  ...[
    'build-base',
    'build-essential',
    'alpine-sdk',
    'abuild',
    'gcc',
    'gcc-12',
    'g++',
    'g++-12',
    'cc',
    'clang',
    'clang15',
  ],
  ...[
    'clang-14',
    'clang17-17',
    'llvm',
    'llvm17',
    'llvm-14',
    'cpp',
    'cpp-12',
    'make',
    'cmake',
    'meson',
    'ninja',
    'ninja-build',
  ],
  ...[
    'samurai',
    'autoconf',
    'automake',
    'libtool',
    'bison',
    'flex',
    'nasm',
    'yasm',
    'binutils',
    'gfortran',
    'gfortran-12',
  ],
  ...['rust', 'rustc', 'cargo', 'go', 'golang', 'golang-1.19', 'golang-2', 'golang-go', 'golang-1.19-go', 'musl-dev'],
  ...['libc-dev', 'libc6-dev', 'linux-headers', 'linux-libc-dev', 'dpkg-dev', 'patchelf', 'cython', 'cython3'],
]

test.each(tools)('%s is a tool, and no package that only has its name in its own', (name) => {
  expect([isBuildTool(name), belongsToTools(name)]).toEqual([true, true])
  expect([`my${name}`, `${name}y`, `lib-${name}`, `${name}-doc`].filter(isBuildTool)).toEqual([])
})

test.each([
  ...['gcc-12-x86-64-linux-gnu', 'g++-12-multilib', 'cpp-12-x86-64-linux-gnu', 'cpp12-x', 'binutils-x86-64-linux-gnu'],
  ...[
    'binutils-common',
    'gfortran-12-multilib',
    'golang-1.19-src',
    'clang15-extra-tools',
    'llvm17-dev',
    'llvm-14-tools',
  ],
  ...['libgcc-12-dev', 'libstdc++-12-dev', 'libgfortran-12-dev', 'libobjc-12-dev', 'libasan8-dev', 'libtsan2-dev'],
  ...[
    'libubsan1-dev',
    'liblsan0-dev',
    'libitm1-dev',
    'libquadmath0-dev',
    'libcc1-0-dev',
    'libctf0-dev',
    'libbinutils-dev-dev',
  ],
  ...['libisl-dev-dev', 'libmpc3-dev', 'libmpfr6-dev', 'libc-dev-bin', 'rpcsvc-proto'],
])('%s is a part of a tool', (name) => {
  expect([isBuildTool(name), belongsToTools(name)]).toEqual([false, true])
  expect(belongsToTools(`my${name}`)).toBe(false)
})

test.each([
  ...[
    'gcc-12-base',
    'libgcc-s1',
    'libstdc++6',
    'libgfortran5',
    'llvm17-libs',
    'clang15-libs',
    'clang15-lib',
    'git',
    'curl',
  ],
  ...[
    'binutils-common-libs',
    'binutils-common-lib64',
    'libgcc',
    'libgcc-12-develop',
    'rpcsvc-proto-x',
    'libc-dev-bin-x',
    '',
  ],
])('%s may be needed to run', (name) => {
  expect([isBuildTool(name), belongsToTools(name)]).toEqual([false, false])
})

test.each(['gcc-baseline', 'gcc-libs-extra', 'gcc-base-x', 'gcc-binutils-common-libs2'])('%s is no library', (name) => {
  expect(belongsToTools(name)).toBe(true)
})

test('binutils alone may serve at run time', () => {
  expect(['binutils', 'binutils-x', 'gcc', ''].filter(mayServeAtRunTime)).toEqual(['binutils'])
})

test('headers, static libraries and debugging data are for development, by the end of the name', () => {
  const names = ['dev', 'devel', 'headers', 'dbg', 'dbgsym', 'static']
  expect(names.map((end) => `zlib-${end}`).filter(isDevelopment)).toHaveLength(names.length)
  expect([...names.map((end) => `zlib${end}`), ...names.map((end) => `zlib-${end}-x`)].filter(isDevelopment)).toEqual(
    [],
  )
})
