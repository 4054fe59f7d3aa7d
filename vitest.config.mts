import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closingLine.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // onnxruntime keeps native threads; a process per file ends cleanly where a worker thread may abort.
    pool: "forks",
    // For tests that import onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    projects: [
      { extends: true, test: { name: "unit", include: ["test/**/*.test.ts"], maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/*.test.mjs"],
          // After all others, with the machine to itself.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          disableConsoleIntercept: true,
        },
      },
    ],
  },
});
