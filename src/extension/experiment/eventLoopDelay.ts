import { monitorEventLoopDelay } from "node:perf_hooks";

/** Interval at which the delay is sampled; a sample holds the interval and what came on top of it. */
const resolution = 10;

/**
 * Measures how late this process's timers are: what a user feels as stutter while typing.
 *
 * @returns a function that ends the measurement and gives the delay on top of the sampling interval, in milliseconds
 */
export function measureEventLoopDelay(): () => { p50: number; p99: number; max: number } {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return () => {
    histogram.disable();
    const delay = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
    return { p50: delay(histogram.percentile(50)), p99: delay(histogram.percentile(99)), max: delay(histogram.max) };
  };
}
