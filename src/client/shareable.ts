/**
 * Shares what is let go of when everybody who has a share has returned it. There are no shares of
 * what was let go of.
 */
export function shareable(letGo: () => void): () => (() => void) | undefined {
  let shares: number | undefined = 0;
  return () => {
    if (shares === undefined) return undefined;
    shares++;
    let mine = true;
    return () => {
      if (!mine || shares === undefined) return;
      mine = false;
      if (--shares > 0) return;
      shares = undefined;
      letGo();
    };
  };
}
