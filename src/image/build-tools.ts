/** Packages that build programs and that no program needs to run. By the names of Alpine and Debian. */
const tools =
  /^(?:build-base|build-essential|alpine-sdk|abuild|gcc(?:-\d+)?|g\+\+(?:-\d+)?|cc|clang\d*(?:-\d+)?|llvm\d*(?:-\d+)?|cpp(?:-\d+)?|make|cmake|meson|ninja(?:-build)?|samurai|autoconf|automake|libtool|bison|flex|nasm|yasm|binutils|gfortran(?:-\d+)?|rust|rustc|cargo|go|golang(?:-\d[\d.]*)?(?:-go)?|musl-dev|libc-dev|libc6-dev|linux-headers|linux-libc-dev|dpkg-dev|patchelf|cython3?)$/

/** Packages that the tools depend on. Their names change with version and architecture. */
const parts =
  /^(?:(?:gcc|g\+\+|cpp|binutils|gfortran|golang|clang|llvm)[-\d].*|lib(?:gcc|stdc\+\+|gfortran|objc|asan|tsan|ubsan|lsan|itm|quadmath|cc1|ctf|binutils|isl|mpc|mpfr)[-\d].*-dev|libc-dev-bin|rpcsvc-proto)$/

/** Libraries of the compilers, which programs may need to run. */
const libraries = /(?:-base|-libs?|^binutils-common-lib.*)$/

/** `ld`, `strings` and `objdump` of binutils serve running programs, too: Python looks for libraries with them (ctypes.util.find_library). */
export const mayServeAtRunTime = (name: string): boolean => name === 'binutils'

export const isBuildTool = (name: string): boolean => tools.test(name)

/** A tool, or a part of one. */
export const belongsToTools = (name: string): boolean =>
  isBuildTool(name) || (parts.test(name) && !libraries.test(name))

/** Headers, static libraries and debugging data: `-dev`, `-devel`, `-dbg`, `-static`. */
export const isDevelopment = (name: string): boolean => /-(?:dev|devel|headers|dbg|dbgsym|static)$/.test(name)
