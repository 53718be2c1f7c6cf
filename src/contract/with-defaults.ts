/** `T` with the keys `K` filled in: what a schema returns for what a user wrote. */
export type WithDefaults<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: Exclude<T[P], undefined> };
