/** Thrown by handlers for what another attempt can not help. */
export class FatalError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "FatalError";
  }
}
