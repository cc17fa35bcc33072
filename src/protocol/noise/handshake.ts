import { suite as defaultSuite } from '#crypto';
import { noBytes } from '../../bytes.ts';
import type { CryptoSuite, DhKey, MaybePromise } from '../../crypto/suite.ts';
import { DongleError } from '../../errors.ts';
import { type NamedPattern, parsePattern, type Role, type Token, writerOf } from './patterns.ts';
import {
  decryptAndHash,
  encryptAndHash,
  initializeSymmetric,
  mixHash,
  mixKey,
  mixKeyAndHash,
  type SymmetricState,
  sealBytes,
  split,
} from './symmetric-state.ts';
import { createTransportKey, maxNoiseMessageBytes, type TransportKey } from './transport-key.ts';

const keyBytes = 32;

export interface HandshakeOptions {
  /** A fundamental pattern's name with its psk modifiers: `XX`, `NNpsk0+psk2`. */
  readonly pattern: string;
  readonly role: Role;
  /** What both parties must agree on beforehand; empty by default. */
  readonly prologue?: Uint8Array;
  /** Our static key: given exactly when the pattern uses it. */
  readonly staticKey?: DhKey;
  /** Their static key, 32 bytes: given exactly when the pattern knows it beforehand. */
  readonly remoteStaticKey?: Uint8Array;
  /** One for each `psk` token, 32 bytes each, in the order of the tokens. */
  readonly psks?: readonly Uint8Array[];
  /** Where ephemeral keys come from, for test vectors; it may not give one key twice. */
  readonly generateEphemeral?: (() => MaybePromise<DhKey>) | undefined;
  /** By default the one for the platform. */
  readonly suite?: CryptoSuite;
}

/**
 * The bytes of a message (written) or of its payload (read), or a failure that says nothing about
 * why. After a failure the handshake is as it was before the call.
 */
export type HandshakeStep =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false };

const refused: HandshakeStep = Object.freeze({ ok: false });

/** What a handshake waits for. */
export type Turn = 'write' | 'read' | 'split' | 'done';

/**
 * A Noise handshake (rev 34) for 25519, AESGCM and SHA256. Calls out of turn, or while another is
 * pending, throw a `DongleError` (`INVALID_ARGUMENT`) and change nothing.
 */
export interface Handshake {
  readonly turn: Turn;
  /** Their static key, 32 bytes, as soon as it is known. Known is not yet trusted. */
  readonly remoteStaticKey: Uint8Array | undefined;
  /** The channel binding (Noise §11.2), 32 bytes, once all messages have been exchanged. */
  readonly handshakeHash: Uint8Array;
  /** Writes the next message. Fails if a key they sent gives no shared secret. */
  writeMessage(payload?: Uint8Array): Promise<HandshakeStep>;
  /** Reads the next message and gives its payload. */
  readMessage(message: Uint8Array): Promise<HandshakeStep>;
  /** Ends an interactive handshake: one key to send with and one to receive with. */
  split(): { send: TransportKey; receive: TransportKey };
  /** Ends a one-way handshake: the initiator's key to send with, the responder's to receive. */
  splitOneWay(): TransportKey;
}

type DhToken = Exclude<Token, 'e' | 's' | 'psk'>;

interface State extends SymmetricState {
  /** Our ephemeral key. */
  e: DhKey | undefined;
  /** Their ephemeral and static public keys. */
  re: Uint8Array | undefined;
  rs: Uint8Array | undefined;
  psksMixed: number;
}

/**
 * A state with these keys beside `symmetric`. Field by field, as spreading costs the engine a
 * hidden class each time: 13 µs, measured.
 */
function stateOf(
  symmetric: SymmetricState,
  { e, re, rs, psksMixed }: Omit<State, keyof SymmetricState>,
): State {
  const { suite, chainingKey, hash, aead, counter } = symmetric;
  return { suite, chainingKey, hash, aead, counter, e, re, rs, psksMixed };
}

function misuse(message: string): DongleError {
  return new DongleError('INVALID_ARGUMENT', message);
}

function checkOptions(options: HandshakeOptions, pattern: NamedPattern): void {
  const { role, staticKey, remoteStaticKey, psks = [] } = options;
  const { name, known, usesStatic, pskCount } = pattern;
  if (usesStatic[role] !== (staticKey !== undefined)) {
    throw misuse(`As ${role}, ${name} ${usesStatic[role] ? 'needs' : 'takes no'} static key.`);
  }
  const knowsRemote = known.some((party) => party !== role);
  if (knowsRemote !== (remoteStaticKey !== undefined)) {
    throw misuse(`As ${role}, ${name} ${knowsRemote ? 'needs' : 'takes no'} remote static key.`);
  }
  if (psks.length !== pskCount) throw misuse(`${name} takes ${pskCount} pre-shared keys.`);
  if (![remoteStaticKey, ...psks].every((key) => key === undefined || key.length === keyBytes)) {
    throw misuse('A public or pre-shared key has 32 bytes.');
  }
}

/** Every ephemeral key that a `generateEphemeral` has given, to refuse its reuse. */
const usedEphemerals = new WeakSet<DhKey>();

/**
 * Begins a handshake. Throws a `DongleError` (`INVALID_ARGUMENT`) if the pattern has no such name,
 * or if the keys given are not those that it uses.
 */
export function createHandshake(options: HandshakeOptions): Handshake {
  const pattern = parsePattern(options.pattern);
  if (pattern === undefined) throw misuse(`There is no Noise pattern ${options.pattern}.`);
  checkOptions(options, pattern);
  return new Interpreter(options, pattern);
}

/**
 * The one interpreter of all patterns. A class, as an object literal with getters costs the
 * engine a hidden class each time: 20 µs, measured.
 */
class Interpreter implements Handshake {
  readonly #pattern: NamedPattern;
  readonly #role: Role;
  readonly #suite: CryptoSuite;
  readonly #staticKey: DhKey | undefined;
  readonly #psks: readonly Uint8Array[];
  readonly #generateEphemeral: HandshakeOptions['generateEphemeral'];
  #state: State;
  #messageIndex = 0;
  #pending = false;
  #ended = false;

  constructor(options: HandshakeOptions, pattern: NamedPattern) {
    const { role, suite = defaultSuite, prologue = noBytes, psks = [] } = options;
    this.#pattern = pattern;
    this.#role = role;
    this.#suite = suite;
    this.#staticKey = options.staticKey;
    this.#psks = psks.map((psk) => psk.slice());
    this.#generateEphemeral = options.generateEphemeral;

    const rs = options.remoteStaticKey?.slice();
    const symmetric = initializeSymmetric(suite, pattern.protocolName);
    this.#state = stateOf(symmetric, { e: undefined, re: undefined, rs, psksMixed: 0 });
    mixHash(this.#state, prologue);
    for (const party of pattern.known) {
      mixHash(this.#state, (party === role ? options.staticKey?.publicKey : rs) as Uint8Array);
    }
  }

  get turn(): Turn {
    if (this.#ended) return 'done';
    if (this.#messageIndex === this.#pattern.messages.length) return 'split';
    return writerOf(this.#messageIndex) === this.#role ? 'write' : 'read';
  }

  get remoteStaticKey(): Uint8Array | undefined {
    return this.#state.rs?.slice();
  }

  get handshakeHash(): Uint8Array {
    if (this.#messageIndex < this.#pattern.messages.length) {
      throw misuse('The handshake is not complete.');
    }
    return this.#state.hash.slice();
  }

  async writeMessage(payload: Uint8Array = noBytes): Promise<HandshakeStep> {
    const { tokens, overheadBytes, next } = this.#begin('write');
    try {
      const length = overheadBytes + payload.length;
      if (length > maxNoiseMessageBytes) throw misuse('A Noise message has at most 65,535 bytes.');
      const message = new Uint8Array(length);
      let at = 0;
      for (const token of tokens) {
        if (token === 'e') {
          next.e = await this.#newEphemeral();
          message.set(next.e.publicKey, at);
          at += keyBytes;
          this.#mixEphemeral(next, next.e.publicKey);
        } else if (token === 's') {
          at = encryptAndHash(next, (this.#staticKey as DhKey).publicKey, message, at);
        } else if (token === 'psk') {
          this.#mixPsk(next);
        } else {
          const secret = await this.#secret(next, token);
          if (secret === undefined) return refused;
          mixKey(next, secret);
        }
      }
      encryptAndHash(next, payload, message, at);
      return this.#commit(next, message);
    } finally {
      this.#pending = false;
    }
  }

  async readMessage(message: Uint8Array): Promise<HandshakeStep> {
    const { tokens, overheadBytes, next } = this.#begin('read');
    try {
      if (message.length < overheadBytes || message.length > maxNoiseMessageBytes) return refused;
      let at = 0;
      for (const token of tokens) {
        if (token === 'e') {
          // A copy, as the caller may use the buffer again while we wait.
          next.re = message.slice(at, at + keyBytes);
          at += keyBytes;
          this.#mixEphemeral(next, next.re);
        } else if (token === 's') {
          const length = keyBytes + sealBytes(next);
          next.rs = decryptAndHash(next, message.subarray(at, at + length));
          if (next.rs === undefined) return refused;
          at += length;
        } else if (token === 'psk') {
          this.#mixPsk(next);
        } else {
          const secret = await this.#secret(next, token);
          if (secret === undefined) return refused;
          mixKey(next, secret);
        }
      }
      const payload = decryptAndHash(next, message.subarray(at));
      return payload === undefined ? refused : this.#commit(next, payload);
    } finally {
      this.#pending = false;
    }
  }

  split(): { send: TransportKey; receive: TransportKey } {
    if (this.#pattern.messages.length === 1) {
      throw misuse('A one-way handshake has one key: use splitOneWay().');
    }
    const [initiators, responders] = this.#end();
    return this.#role === 'initiator'
      ? { send: initiators, receive: responders }
      : { send: responders, receive: initiators };
  }

  splitOneWay(): TransportKey {
    if (this.#pattern.messages.length !== 1) {
      throw misuse('An interactive handshake has two keys: use split().');
    }
    // The other key of Split() is dropped: nobody may send back (§7.4).
    return this.#end()[0];
  }

  #expect(turn: Turn): void {
    if (this.#pending) throw misuse('Another call on this handshake is pending.');
    if (this.turn !== turn) throw misuse(`The handshake is at ${this.turn}, not at ${turn}.`);
  }

  /** What the next message is made of, and a copy of the state to process it on. */
  #begin(turn: 'write' | 'read') {
    this.#expect(turn);
    this.#pending = true;
    return {
      tokens: this.#pattern.messages[this.#messageIndex] as readonly Token[],
      overheadBytes: this.#pattern.overheadBytes[this.#messageIndex] as number,
      next: stateOf(this.#state, this.#state),
    };
  }

  /** Only a good message changes the state: a bad one is as if it had never come. */
  #commit(next: State, value: Uint8Array): HandshakeStep {
    this.#state = next;
    this.#messageIndex++;
    return { ok: true, value };
  }

  async #newEphemeral(): Promise<DhKey> {
    if (this.#generateEphemeral === undefined) return this.#suite.generateDhKey();
    const key = await this.#generateEphemeral();
    if (usedEphemerals.has(key)) throw misuse('An ephemeral key must not be used twice.');
    usedEphemerals.add(key);
    return key;
  }

  /** MixHash of a public ephemeral key and, where there are pre-shared keys, MixKey (§9.2). */
  #mixEphemeral(next: State, publicKey: Uint8Array): void {
    mixHash(next, publicKey);
    if (this.#psks.length > 0) mixKey(next, publicKey);
  }

  #mixPsk(next: State): void {
    mixKeyAndHash(next, this.#psks[next.psksMixed++] as Uint8Array);
  }

  /** What a Diffie-Hellman token stands for; undefined if the keys give no secret (§12.1). */
  #secret(next: State, token: DhToken): MaybePromise<Uint8Array | undefined> {
    const ours = this.#role === 'initiator' ? token[0] : token[1];
    const theirs = this.#role === 'initiator' ? token[1] : token[0];
    const local = (ours === 'e' ? next.e : this.#staticKey) as DhKey;
    const remote = (theirs === 'e' ? next.re : next.rs) as Uint8Array;
    try {
      const secret = local.diffieHellman(remote);
      return secret instanceof Promise ? secret.catch(() => undefined) : secret;
    } catch {
      return undefined;
    }
  }

  /** The keys of what the initiator and the responder send. Nothing else works afterwards. */
  #end(): [TransportKey, TransportKey] {
    this.#expect('split');
    const [initiators, responders] = split(this.#state);
    this.#ended = true;
    this.#state.chainingKey.fill(0);
    this.#state.aead = undefined;
    this.#state.e = undefined;
    for (const psk of this.#psks) psk.fill(0);
    return [createTransportKey(initiators), createTransportKey(responders)];
  }
}
