/** The server calls a campaign complete, and its packages are not where they were written. */
export class PackagesMissing extends Error {
  override readonly name = "PackagesMissing";
  readonly fix: string;

  constructor(campaign: string, folders: readonly string[]) {
    const some = folders.slice(0, 3).join(", ");
    super(
      `Campaign "${campaign}" is complete on the server, but ${String(folders.length)} of its packages are missing: ${some}${folders.length > 3 ? ", …" : ""}`,
    );
    this.fix = "put the folders back, or run the seeds again under another campaign name or --out";
  }
}
