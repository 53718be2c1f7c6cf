/** `text` on one line of at most `limit` characters: control characters, also those that steer a terminal, become visible. */
export function oneLine(text: string, limit: number = 300): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  const flat = text.replace(/\s*[\r\n]+\s*/g, " ⏎ ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "�");
  return flat.length <= limit ? flat : `${flat.slice(0, limit - 1)}…`;
}
