/** The text of a rule sheet as data: YAML, of which JSON is a part. */
import { parseDocument } from "yaml";
import type { SheetError } from "../core/sheet-error.js";

/** What the text holds, still to be judged by the sheet's schema; or why it is no YAML. */
export type ParsedSheet = { readonly ok: true; readonly sheet: unknown } | { readonly ok: false; readonly errors: readonly SheetError[] };

/** Reads the text of a sheet. Every key is text, `null` too: it stands in columns, and YAML would read it as no key at all. */
export function parseSheet(text: string): ParsedSheet {
  const document = parseDocument(text, { stringKeys: true });
  const [first, ...others] = document.errors;
  if (first !== undefined) {
    // A wrong indentation makes many of the lines behind it wrong.
    const more = others.length === 0 ? "" : `\n(${others.length} more behind it, which may go with it)`;
    return refused(`${first.message.trimEnd()}${more}`);
  }
  try {
    return { ok: true, sheet: document.toJS() };
  } catch (error) {
    // An alias without an anchor, or aliases that multiply past the parser's limit.
    if (error instanceof ReferenceError) return refused(error.message);
    throw error;
  }
}

function refused(message: string): ParsedSheet {
  return { ok: false, errors: [{ path: "", message }] };
}
