// What the test tells a guest to do, and what the guest answers: one JSON object a line.

/** One thing for a guest to do. */
export type Order =
  /** Plugs the dongle in that is exported there, and waits for its hidraw device. */
  | { readonly do: 'plug'; readonly busId: string }
  /** Waits until there is no hidraw device. */
  | { readonly do: 'await-unplugged' }
  /** Connects by node-hid, as the machine's runtime. Gives the epoch. */
  | { readonly do: 'connect' }
  | { readonly do: 'echo' }
  /** Whether the application may say that it has the dongle. */
  | { readonly do: 'licensed' }
  /** Waits for an event of the dongle that was connected last; gives how long it took, in milliseconds. */
  | { readonly do: 'await-event'; readonly kind: string; readonly withinMs: number }
  /** What events of that dongle there were. */
  | { readonly do: 'events' }
  /** Ends the session. */
  | { readonly do: 'close' }
  /** Ends the program. */
  | { readonly do: 'finish' };

/** What came of it. */
export type OrderAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };
