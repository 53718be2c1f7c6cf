/** What still waits when a program ends without `close` is written then. One listener for all files, while there are any. */
interface Closable {
  close(): void;
}

const open = new Set<Closable>();

export function atExit(file: Closable): void {
  if (open.size === 0) process.on("exit", closeAll);
  open.add(file);
}

export function noLongerAtExit(file: Closable): void {
  open.delete(file);
  if (open.size === 0) process.off("exit", closeAll);
}

function closeAll(): void {
  for (const file of open) file.close();
}
