/** What a person sees while long work goes on. */
export interface Progress extends Disposable {
  /** How far it is. */
  readonly report: (done: number, total: number) => void;
  /** Takes the line away again. */
  end(): void;
}

/** A line on the terminal that tells how far the work is; nothing where nobody looks. */
export function showProgress(title: string): Progress {
  const { stderr } = process;
  let shown = '';
  const show = (text: string) => {
    if (!stderr.isTTY || text === shown) return;
    stderr.write(`\r${text}${' '.repeat(Math.max(0, shown.length - text.length))}`);
    shown = text;
  };
  const end = () => {
    if (shown === '') return;
    stderr.write(`\r${' '.repeat(shown.length)}\r`);
    shown = '';
  };
  return {
    report: (done, total) => show(`${title}: ${Math.floor((100 * done) / Math.max(1, total))} %`),
    end,
    [Symbol.dispose]: end,
  };
}
