/** What the system's error codes mean for whoever wanted to use a file. */
export const fileErrors = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'you may not open it',
  EPERM: 'you may not open it',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link, which latchkey does not follow',
  ENOSPC: 'the disk is full',
} as const satisfies Readonly<Record<string, string>>;
