/** A slice of the options as it is read: one that is not given is undefined. */
type Loose<T> = { [K in keyof T]-?: object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** The slice without the options that are not given. */
export const sliceOf = <T extends object>(options: Loose<T>): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
