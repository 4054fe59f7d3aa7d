/**
 * Nothing leaves this machine: onnxruntime 1.30 would keep a device id and a queue of events for its maker in the
 * user's cache. It reads this when it is loaded, so whoever imports it imports this file first.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
