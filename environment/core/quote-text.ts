/** A text as JSON writes it. Short texts that need no escape, which most are, are quoted without a call into the runtime. */
export function quoteText(text: string): string {
  return text.length < 64 && isSimple(text) ? `"${text}"` : JSON.stringify(text);
}

function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 34 || code === 92) return false;
  }
  return true;
}
