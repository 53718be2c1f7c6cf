import type { Bounds, DeliveryReport, RunStatus } from "../../contract/index.js";
import type { GuardedBackend } from "./guarded-backend.js";

/**
 * Closes every backend, each within `bounds`: first those without `logDelivery`, at once; then those that have it, which are given the
 * reports of the first. The reports are in the order of the backends.
 */
export async function closeAll(
  backends: readonly GuardedBackend[],
  status: RunStatus,
  bounds: Bounds | undefined,
  refused: number,
): Promise<DeliveryReport[]> {
  const reports = new Map<GuardedBackend, DeliveryReport[]>();
  const close = async (backend: GuardedBackend): Promise<void> =>
    void reports.set(backend, await backend.close(status, bounds, refused));
  const showsDelivery = (backend: GuardedBackend): boolean => backend.has("logDelivery");
  await Promise.all(backends.filter((backend) => !showsDelivery(backend)).map(close));
  const others = [...reports.values()].flat();
  const last = backends.filter(showsDelivery);
  for (const backend of last) backend.record("logDelivery", (guarded) => guarded.logDelivery?.(others), 0);
  await Promise.all(last.map(close));
  return backends.flatMap((backend) => reports.get(backend) ?? []);
}
