import { suite } from '#crypto';
import { toHex } from '../bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { DongleError } from '../errors.ts';
import {
  capabilityBits,
  encodeChain,
  issueDeviceCertificate,
  modelSchema,
  serialSchema,
} from '../protocol/certificates/index.ts';
import {
  array,
  bytes,
  enumeration,
  field,
  type Infer,
  optional,
  struct,
  uint,
} from '../protocol/schema/index.ts';
import type { Ledger } from './ledger.ts';
import type { DongleEntry } from './ledger-entries.ts';
import { PlanError, readPlanValue } from './plan-values.ts';

/** What a dongle shows of itself when it is made; its private keys have never left it. */
const deviceSchema = struct({
  serial: field(1, serialSchema),
  model: field(2, modelSchema),
  /** X25519. */
  staticKey: field(3, bytes({ length: 32 })),
  /** Ed25519. */
  signingKey: field(4, bytes({ length: 32 })),
  capabilities: field(5, array(enumeration(capabilityBits), { max: 32 })),
  minimumProtocol: optional(6, uint({ max: 0xffff })),
});

/** Who certifies a dongle. */
export interface DeviceIssuer {
  readonly vendor: number;
  readonly key: SigningKey;
  /** Of that key, by the root. */
  readonly certificate: Uint8Array;
}

/** A dongle that was certified. */
export interface CertifiedDongle {
  readonly dongle: DongleEntry;
  /** To be written into its manufacture block. */
  readonly chain: Uint8Array;
}

/**
 * Certifies a dongle and begins its book in the ledger.
 *
 * @param text - JSON: `serial`, `model`, `staticKey` and `signingKey` (`"hex:…"` or `"base64:…"`),
 * `capabilities` (a list of names), and perhaps `minimumProtocol`
 * @param at - now, ISO 8601
 * @throws DongleError `INVALID_ARGUMENT` for data that cannot be certified, and for a serial or a key
 * that another dongle has
 */
export async function certifyDongle(
  ledger: Ledger,
  text: string,
  issuer: DeviceIssuer,
  at: string,
): Promise<CertifiedDongle> {
  const { serial, model, staticKey, signingKey, capabilities, minimumProtocol } = read(text);
  await checkKey(serial, staticKey);
  const dongle: DongleEntry = {
    kind: 'dongle',
    serial,
    vendor: issuer.vendor,
    model,
    staticKey: toHex(staticKey),
    signingKey: toHex(signingKey),
  };
  checkNew(ledger, dongle);
  const certificate = await issueDeviceCertificate(issuer.key, {
    vendor: issuer.vendor,
    serial,
    model,
    key: staticKey,
    capabilities,
    minimumProtocol: minimumProtocol ?? 1,
    signingKey,
  });
  const chain = encodeChain(issuer.certificate, certificate);
  await ledger.bookOf(dongle, at);
  return { dongle, chain };
}

function read(text: string) {
  try {
    const value = readPlanValue(deviceSchema, parseJson(text), 'it', ({ path }) => {
      throw new PlanError(`${path} is random; write the dongle's own`);
    });
    return value as Infer<typeof deviceSchema>;
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The dongle's data cannot be used: ${error.message}.`,
      { cause: error },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlanError(`it is not JSON (${(cause as Error).message})`);
  }
}

/** A key of small order makes every shared secret zero (RFC 7748 §6.1): no dongle has one. */
async function checkKey(serial: string, staticKey: Uint8Array): Promise<void> {
  try {
    await (await suite.generateDhKey()).diffieHellman(staticKey);
  } catch (cause) {
    throw new DongleError(
      'INVALID_ARGUMENT',
      `The static key of dongle ${serial} is no X25519 key; read it from the dongle again.`,
      { cause },
    );
  }
}

/** The same dongle may be certified again, with other capabilities for instance. */
function checkNew(ledger: Ledger, { serial, vendor, staticKey, signingKey }: DongleEntry): void {
  for (const { dongle } of ledger.books) {
    const isSerial = dongle.serial === serial && dongle.vendor === vendor;
    const isKey = dongle.staticKey === staticKey || dongle.signingKey === signingKey;
    const isSame = isSerial && dongle.staticKey === staticKey && dongle.signingKey === signingKey;
    if ((!isSerial && !isKey) || isSame) continue;
    throw new DongleError(
      'INVALID_ARGUMENT',
      isSerial
        ? `Another dongle has the serial ${serial}; give this one another serial.`
        : `Dongle ${dongle.serial} has this key already; each dongle makes its own.`,
    );
  }
}
