// SPDX-License-Identifier: Apache-2.0

/** A capture file cannot be read; the message is a sentence for the user: file, offset where there is one, reason. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
}

/** What is wrong at an offset of a file. */
export function corruptFile(file: string, offsetBytes: number, reason: string): CaptureFileError {
  return new CaptureFileError(`${file} is corrupt at byte ${offsetBytes}: ${reason}`);
}

/** The sentence of a system call that failed on a file. */
export function unreadableFile(file: string, error: unknown): CaptureFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CaptureFileError(`${file} cannot be read: ${reasonOf(code) ?? message}`, { cause: error });
}

function reasonOf(code: string | undefined): string | undefined {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'no permission';
    case 'EISDIR':
      return 'it is a folder';
    case 'EMFILE':
      return 'too many files are open; raise the limit (ulimit -n) or join some with mergecap';
  }
  return undefined;
}
