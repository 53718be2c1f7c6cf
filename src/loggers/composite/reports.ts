import type { DeliveryReport } from "../../contract/index.js";

/**
 * What one backend did with its records. `own` are the reports that the backend itself gave: their numbers count, and what never
 * reached the backend, in `counted`, is added to the first. Where it gave none, `counted` is the report.
 */
export function combinedReports(own: DeliveryReport[] | void, counted: DeliveryReport): DeliveryReport[] {
  if (!Array.isArray(own) || own.length === 0) return [counted];
  return own.map((report, index) => {
    if (index > 0) return report;
    const { refused, dropped, error = counted.error } = report;
    const combined = { ...report, refused: refused + counted.refused, dropped: dropped + counted.dropped };
    const unsupported = (report.unsupported ?? 0) + (counted.unsupported ?? 0);
    return { ...combined, ...(unsupported > 0 && { unsupported }), ...(error !== undefined && { error }) };
  });
}
