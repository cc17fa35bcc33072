/** Versions of the channel that this software speaks, newest first. */
export const channelVersions: readonly number[] = [1];

/** The newest version that both sides speak, or undefined. */
export function commonVersion(
  ours: readonly number[],
  theirs: readonly number[],
): number | undefined {
  let newest: number | undefined;
  for (const version of ours) {
    if (theirs.includes(version) && (newest === undefined || version > newest)) newest = version;
  }
  return newest;
}
