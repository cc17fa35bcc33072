/** A setup packet, taken apart (USB 2.0 §9.3). */
export interface Setup {
  /** bmRequestType: direction, type and recipient. */
  readonly type: number;
  /** bRequest. */
  readonly request: number;
  /** wValue. */
  readonly value: number;
  /** wIndex. */
  readonly index: number;
  /** wLength: what the host sends, or at most wants. */
  readonly length: number;
}

/** Reads the eight bytes of a setup packet. */
export function readSetup(bytes: Uint8Array): Setup {
  const [type = 0, request = 0, value = 0, value1 = 0, index = 0, index1 = 0, length = 0, l1 = 0] =
    bytes;
  return {
    type,
    request,
    value: value | (value1 << 8),
    index: index | (index1 << 8),
    length: length | (l1 << 8),
  };
}
