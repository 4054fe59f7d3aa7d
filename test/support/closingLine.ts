import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with each skipped test by its name and the plain line "N passed, N failed, N skipped". */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      count.failed += module.errors().length > 0 ? 1 : 0;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state]++;
        if (state === "skipped") skipped.push(test.fullName);
      }
    }
    if (skipped.length > 0) console.log(`\nSkipped:\n  ${skipped.join("\n  ")}`);
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
