/** Times and amounts of bytes in words. */
import { fixed } from "./numbers.ts";

/** Seconds in words: "0.6 s", "45 s", "2 min 05 s", "1 h 03 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Seconds that are only judged, no finer than that: "8 s", "40 s", "7 min", "1 h 50 min". */
export function roughly(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  const to = (unit: number) => unit * Math.round(seconds / unit);
  if (seconds < 9.5) return `${Math.max(1, to(1))} s`;
  if (seconds < 55) return `${to(10)} s`;
  const minutes = to(60) / 60;
  return minutes < 60 ? `${minutes} min` : duration(to(600));
}

const units = ["B", "kB", "MB", "GB"];

/** An amount of bytes, in powers of a thousand: "999 B", "13.8 MB"; "–" for what is no amount. */
export function byteCount(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return "–";
  // What would be written as 1000.0 belongs to the next unit.
  const power = [999.5, 999_950, 999_950_000].filter((end) => bytes >= end).length;
  return `${fixed(bytes / 1000 ** power, power > 0 ? 1 : 0)} ${units[power]}`;
}
