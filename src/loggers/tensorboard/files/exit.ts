/** Writes what is pending when a program ends without `close`: one listener of the process, while any writer is open. */
interface Closable {
  close(): void;
}

const open = new Set<Closable>();

/** Closes `closable` when the process exits. */
export function closeAtExit(closable: Closable): void {
  if (open.size === 0) process.on("exit", closeAll);
  open.add(closable);
}

/** Undoes `closeAtExit`. */
export function cancelCloseAtExit(closable: Closable): void {
  open.delete(closable);
  if (open.size === 0) process.off("exit", closeAll);
}

function closeAll(): void {
  for (const closable of open) closable.close();
}
