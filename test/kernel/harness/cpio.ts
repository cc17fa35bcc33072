/** A file of an archive. Without `bytes` it is a folder. */
export interface ArchiveFile {
  /** Without a slash in front; folders come before what is in them. */
  readonly path: string;
  readonly bytes?: Uint8Array;
}

const folderMode = 0o040755;
const programMode = 0o100755;

/**
 * An archive in the "newc" format of cpio, which the kernel unpacks as its first root
 * (Documentation/driver-api/early-userspace/buffer-format.rst). All files may be executed.
 */
export function archive(files: readonly ArchiveFile[]): Uint8Array {
  const parts = files.flatMap((file, i) => entry(file, i + 1));
  return Buffer.concat([...parts, ...entry({ path: 'TRAILER!!!' }, 0)]);
}

function entry({ path, bytes }: ArchiveFile, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const contents = bytes ?? new Uint8Array();
  const fields = {
    inode,
    mode: bytes === undefined ? folderMode : programMode,
    uid: 0,
    gid: 0,
    links: 1,
    modified: 0,
    fileBytes: contents.byteLength,
    deviceMajor: 0,
    deviceMinor: 0,
    rawMajor: 0,
    rawMinor: 0,
    nameBytes: name.byteLength,
    check: 0,
  };
  const digits = Object.values(fields).map((value) => value.toString(16).padStart(8, '0'));
  const header = Buffer.concat([Buffer.from(`070701${digits.join('')}`), name]);
  return [header, padding(header.byteLength), contents, padding(contents.byteLength)];
}

/** Header and contents each end at a multiple of four bytes. */
function padding(byteCount: number): Uint8Array {
  return new Uint8Array(-byteCount & 3);
}
