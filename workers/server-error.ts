/** The Temporal server could not be found, started, reached or used; `fix` says what the user can do. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly fix: string;

  constructor(message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.fix = fix;
  }
}
