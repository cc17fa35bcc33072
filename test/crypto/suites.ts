import { suite as browser } from '../../src/crypto/browser.ts';
import { suite as node } from '../../src/crypto/node.ts';

/** Both suites, for tests that run over each of them. Node has the WebCrypto that a page has. */
export const suites = [
  { name: 'node', suite: node },
  { name: 'browser', suite: browser },
];
