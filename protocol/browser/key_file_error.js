/** What is wrong with a passphrase, a key file or a recovery code; `code` says it to programs. */
export class KeyFileError extends Error {
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
