import { suite } from '#crypto';
import { equalBytes } from '../../bytes.ts';
import type { SigningKey } from '../../crypto/suite.ts';
import type { Outcome } from '../../errors.ts';
import type { DeviceCertificate } from '../certificates/certificate.ts';
import { chainIdOf, openChain } from '../certificates/chain.ts';
import { type TrustErrorCode, type TrustStore, verifyChain } from '../certificates/index.ts';
import { keyIdOf, openSign1, signSign1, verifySign1 } from '../cose.ts';
import { decode, encode, type Schema } from '../schema/index.ts';
import {
  type Context,
  contextFileSchema,
  contextSchema,
  fileKinds,
  type Receipt,
  receiptFileSchema,
  receiptSchema,
} from './files.ts';

// What a dongle states about itself: signed by the key in its certificate, which goes along.

/** Why a context or a receipt is not believed. */
export type StatementError = 'UPDATE_INVALID' | 'UPDATE_UNTRUSTED' | TrustErrorCode;

/** Who states something: the key of a dongle, and its certificate chain. */
export interface Speaker {
  readonly key: SigningKey;
  readonly chain: Uint8Array;
}

/** The bytes of a context file. */
export async function signContext({ key, chain }: Speaker, context: Context): Promise<Uint8Array> {
  const signed = await signSign1(encode(contextSchema, context), key, 'context');
  return encode(contextFileSchema, { kind: fileKinds.context, chain, signed });
}

/** The bytes of a receipt file. */
export async function signReceipt({ key, chain }: Speaker, receipt: Receipt): Promise<Uint8Array> {
  const signed = await signSign1(encode(receiptSchema, receipt), key, 'receipt');
  return encode(receiptFileSchema, { kind: fileKinds.receipt, chain, signed });
}

/** Opens a context: only what a dongle under a trusted root has signed is given back. */
export async function openContext(
  file: Uint8Array,
  trust: TrustStore,
): Promise<
  Outcome<{ readonly context: Context; readonly device: DeviceCertificate }, StatementError>
> {
  const opened = decode(contextFileSchema, file);
  if (!opened.ok) return damaged('context', opened.detail);
  const statement = await openStatement(opened.value, trust, 'context', contextSchema);
  if (!statement.ok) return statement;
  const { stated: context, device } = statement.value;
  return { ok: true, value: { context, device } };
}

/** Opens a receipt, like `openContext`. */
export async function openReceipt(
  file: Uint8Array,
  trust: TrustStore,
): Promise<
  Outcome<{ readonly receipt: Receipt; readonly device: DeviceCertificate }, StatementError>
> {
  const opened = decode(receiptFileSchema, file);
  if (!opened.ok) return damaged('receipt', opened.detail);
  const statement = await openStatement(opened.value, trust, 'receipt', receiptSchema);
  if (!statement.ok) return statement;
  const { stated: receipt, device } = statement.value;
  return { ok: true, value: { receipt, device } };
}

async function openStatement<Stated extends Context | Receipt>(
  { chain, signed }: { readonly chain: Uint8Array; readonly signed: Uint8Array },
  trust: TrustStore,
  purpose: 'context' | 'receipt',
  schema: Schema<Stated>,
): Promise<Outcome<{ stated: Stated; device: DeviceCertificate }, StatementError>> {
  const chainId = chainIdOf(chain);
  const certificates = openChain(chain, chainId);
  if (!certificates.ok) return damaged(purpose, certificates.detail);
  const device = certificates.value.device.certificate;
  const { serial, model, key, signingKey } = device;
  // There is no handshake that would show the key: the signature below shows the other one.
  const trusted = await verifyChain(trust, chain, { serial, model, chainId, staticKey: key });
  if (!trusted.ok) return trusted;
  const sign1 = openSign1(signed);
  if (!sign1.ok) return damaged(purpose, sign1.detail);
  if (
    !equalBytes(sign1.value.keyId, keyIdOf(signingKey)) ||
    !(await verifySign1(sign1.value, signingKey, purpose))
  ) {
    const detail = `The ${purpose} is not signed by dongle ${serial}, whose certificate it shows; get it from the dongle again.`;
    return { ok: false, code: 'UPDATE_UNTRUSTED', detail };
  }
  const stated = decode(schema, sign1.value.payload);
  if (!stated.ok) return damaged(purpose, stated.detail);
  if (stated.value.serial !== serial || !equalBytes(stated.value.dongle, suite.sha256(key))) {
    return damaged(purpose, 'it names another dongle than its certificate');
  }
  return { ok: true, value: { stated: stated.value, device } };
}

function damaged(purpose: 'context' | 'receipt', detail: string) {
  return {
    ok: false,
    code: 'UPDATE_INVALID',
    detail: `The ${purpose} is damaged or was altered (${detail}); get it from the dongle again.`,
  } as const;
}
