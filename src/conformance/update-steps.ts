import { suite } from '#crypto';
import { utf8 } from '../bytes.ts';
import type { SigningKey } from '../crypto/suite.ts';
import { issueIssuerCertificate } from '../protocol/certificates/index.ts';
import { openSign1 } from '../protocol/cose.ts';
import {
  type Operation,
  openContext,
  openReceipt,
  sealUpdates,
  signUpdate,
  updateIdOf,
} from '../protocol/updates/index.ts';
import type { CaseRun } from './case-run.ts';
import { caseTime, demoVendor } from './demo-licenses.ts';
import type { Value } from './step-data.ts';
import { bytesOf, check, fieldValues } from './values.ts';

// The vendor's side of cases about updates: their signers are under the TEST root, whose private key is
// public on purpose.

/** What a vendor does: nothing is sent. */
export type UpdateStep =
  /**
   * Makes an update file of vendor 1 for the device of a saved context, and keeps it, its length as
   * `NAME.bytes`, and the id of its last update as `NAME.id`.
   */
  | {
      readonly do: 'issue';
      readonly as: string;
      readonly context: string;
      /** The operations of each of its updates. */
      readonly updates: readonly (readonly Readonly<Record<string, Value>>[])[];
      /** The file whose updates these follow; they are the first unless given. */
      readonly after?: string;
      /** How many numbers are left out before them. */
      readonly skip?: number;
      /** Files whose own updates stand before these. */
      readonly with?: readonly string[];
      /** Sealed to the static key, as the answer to no context. */
      readonly answers?: 'push';
      /** Somebody who may not sign it. */
      readonly signer?: 'time key' | 'other vendor' | 'other root' | 'nobody';
      /** Where it names another device than the context's: on the file, or in each update. */
      readonly otherDongle?: 'outside' | 'inside';
    }
  /** A saved receipt is genuine and tells this, `last` being a file that was issued. */
  | {
      readonly do: 'believe';
      readonly receipt: string;
      readonly number: number;
      readonly last: string;
      /** Products of the licenses that were taken away; none unless given. */
      readonly withdrawn?: readonly number[];
    };

type Issue = UpdateStep & { do: 'issue' };

/** Makes an update file, or reads a receipt, as a vendor would. */
export async function doUpdateStep(run: CaseRun, step: UpdateStep): Promise<void> {
  if (step.do === 'issue') await issue(run, step);
  else await believe(run, step);
}

function trustOf({ target }: CaseRun) {
  if (target.trust === undefined) throw new Error('the target has no trust store');
  return target.trust;
}

async function issue(run: CaseRun, step: Issue): Promise<void> {
  const { saved } = run;
  const opened = await openContext(bytesOf({ saved: step.context }, saved, 0), trustOf(run));
  if (!opened.ok) throw new Error(opened.detail);
  const { context, device } = opened.value;
  const { issuer, key } = await signerOf(step);
  const another = new Uint8Array(32);
  const signed = (step.with ?? []).flatMap((name) => saved.get(`${name}.signed`) as Uint8Array[]);
  const own: Uint8Array[] = [];
  let { number, id } = lastOf(run, step);
  for (const fields of step.updates) {
    number += 1;
    const update = await signUpdate(key, {
      ...{ version: 1, vendor: demoVendor, number, previous: id },
      dongle: step.otherDongle === 'inside' ? another : context.dongle,
      ...{ issuedAt: caseTime, operations: fields.map((each) => operationOf(run, each)) },
    });
    own.push(update);
    id = idOf(update);
  }
  const file = await sealUpdates({
    header: {
      ...{ kind: 2, vendor: demoVendor, answers: step.answers ?? 'context' },
      dongle: step.otherDongle === 'outside' ? another : context.dongle,
      recipient: step.answers === 'push' ? device.key : context.oneTimeKey,
    },
    ...{ issuer, updates: [...signed, ...own] },
  });
  saved.set(step.as, file);
  saved.set(`${step.as}.bytes`, file.length);
  saved.set(`${step.as}.number`, number);
  saved.set(`${step.as}.id`, id);
  saved.set(`${step.as}.signed`, own);
}

/** The update that the file's own ones follow. */
function lastOf({ saved }: CaseRun, { after, skip = 0 }: Issue) {
  if (after === undefined) return { number: skip, id: new Uint8Array(32) };
  const number = saved.get(`${after}.number`) as number;
  return { number: number + skip, id: saved.get(`${after}.id`) as Uint8Array };
}

function operationOf(run: CaseRun, fields: Issue['updates'][number][number]): Operation {
  return fieldValues(fields, run.saved, 0) as Operation;
}

function idOf(signed: Uint8Array): Uint8Array {
  const sign1 = openSign1(signed);
  if (!sign1.ok) throw new Error(sign1.detail);
  return updateIdOf(sign1.value.payload);
}

async function signerOf({ signer }: Issue): Promise<{ issuer: Uint8Array; key: SigningKey }> {
  const key = await suite.importSigningKey(suite.sha256(utf8('latchkey TEST updates')));
  const root = signer === 'other root' ? 'latchkey other root' : 'latchkey TEST root';
  const issuer = await issueIssuerCertificate(
    await suite.importSigningKey(suite.sha256(utf8(root))),
    {
      purpose: signer === 'time key' ? 'time' : 'update',
      vendors: [signer === 'other vendor' ? demoVendor + 1 : demoVendor],
      ...{ test: true, publicKey: key.publicKey, name: 'TEST updates' },
    },
  );
  const isForged = signer === 'nobody';
  return { issuer, key: isForged ? await suite.importSigningKey(new Uint8Array(32)) : key };
}

async function believe(run: CaseRun, step: UpdateStep & { do: 'believe' }): Promise<void> {
  const file = bytesOf({ saved: step.receipt }, run.saved, 0);
  const opened = await openReceipt(file, trustOf(run));
  if (!opened.ok) throw new Error(opened.detail);
  const { state, licenses } = opened.value.receipt;
  check('the receipt’s number', state.number, step.number, run.saved, 0);
  check('the receipt’s last id', state.last, { saved: `${step.last}.id` }, run.saved, 0);
  const withdrawn = licenses.filter((each) => each.withdrawn === 1).map(({ product }) => product);
  const wanted = step.withdrawn ?? [];
  if (withdrawn.join() !== wanted.join()) {
    throw new Error(`the receipt tells that ${withdrawn} were withdrawn instead of ${wanted}`);
  }
}
