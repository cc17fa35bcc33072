/** Version of the firmware, as INIT and the device descriptor tell it: major, minor, build. */
export const firmwareVersion = [0, 1, 0] as const;
