/** A place in the store for one value. */
export interface StoreKey {
  /** 0 to 0xFFFF; never used again for something else. */
  readonly id: number;
  readonly name: string;
  /** A `secret` is wiped from the flash when it is replaced or removed; a `counter` never goes back. */
  readonly kind: 'value' | 'secret' | 'counter';
  /** The longest value; a counter takes 6. */
  readonly maxBytes: number;
}

/** What a commit does with one key. */
export type Change =
  | { readonly key: StoreKey; readonly value: Uint8Array }
  /** Of a counter alone: 0 to 2^48 - 1, and not less than what is stored. */
  | { readonly key: StoreKey; readonly count: number }
  /** A counter that is removed begins at 0 again. */
  | { readonly key: StoreKey; readonly remove: true };

/** The largest value of a counter. */
export const mostCount = 2 ** 48 - 1;
