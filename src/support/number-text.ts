/** Numbers as a person reads them. */

/** At most four significant digits: `0.1234`, `1.5e-4`, `NaN`, `inf`. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 1e6 || size < 1e-3) return exponent(value);
  return String(Number(value.toPrecision(4)));
}

/** `1.5e-4`: no more digits than needed. */
function exponent(value: number): string {
  const [mantissa = "", power = ""] = value.toExponential(3).split("e");
  return `${Number(mantissa)}e${power.replace("+", "")}`;
}

/** Rates and counts: `812`, `5.2k`, `1.3M`. */
export function rateText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size < 1) return numberText(value);
  if (size >= 999_950_000) return `${(value / 1e9).toFixed(1)}G`;
  if (size >= 999_950) return `${(value / 1e6).toFixed(1)}M`;
  if (size >= 999.5) return `${(value / 1e3).toFixed(1)}k`;
  return size >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** `340 µs`, `12 ms`, `1.4 s`, `3m 12s`, `2h 5m`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return numberText(seconds);
  if (seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  if (seconds < 59.95) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** Time left, as a clock: `0:07`, `12:30`, `3:04:05`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
