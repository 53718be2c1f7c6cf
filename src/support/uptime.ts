/** Milliseconds by a clock that nothing sets back. Every interval is measured with it; `Date.now` is only for times that are shown. */
export function uptime(): number {
  return performance.now();
}
