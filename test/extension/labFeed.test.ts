/** What goes to the lab's page, and how often. */
import { expect, it } from "vitest";
import type { Reports } from "../../src/extension/experiment/reports.ts";
import { LabFeed } from "../../src/extension/lab/labFeed.ts";
import { Measurements } from "../../src/extension/lab/measurements.ts";
import { PromptPane } from "../../src/extension/lab/promptPane.ts";
import type { LabMessage } from "../../src/protocol/lab.ts";
import { labState, pretrained, report } from "../webview/labSnapshots.ts";
import { trace } from "../webview/measurementSnapshots.ts";

const request = { of: "name", name: "Anneliese", count: 1, window: 1, samples: 1, target: "" } as const;

it("sends large results once, when they change, and all of them to a page that begins anew", async () => {
  const reports: Pick<Reports, "report" | "source" | "pretrained"> = { report: null, source: null, pretrained: null };
  const measurements = new Measurements(
    { request: async () => trace as never },
    () => [],
    () => {},
  );
  const prompt = new PromptPane({ request: async () => undefined as never }, { on: [] }, () => {});
  const posted: LabMessage[] = [];
  const feed = new LabFeed({ state: labState, measurements, prompt }, reports, (message) => posted.push(message));
  const types = () => posted.splice(0).map(({ type }) => type);
  feed.begin();
  expect(types()).toEqual([
    "state",
    "report",
    "trace",
    "lens",
    "attribution",
    "evaluation",
    "prompt",
    "layers",
    "referee",
  ]);
  feed.update();
  expect(types()).toEqual(["state"]);

  await measurements.runTrace(request);
  feed.update();
  expect(posted.slice(1)).toEqual([{ type: "trace", trace: { state: "done", result: trace } }]);
  posted.length = 0;
  Object.assign(reports, { pretrained });
  feed.update();
  expect(posted.slice(1)).toEqual([{ type: "report", report: null, source: null, pretrained }]);
  posted.length = 0;
  Object.assign(reports, { report, source: "shipped" });
  feed.update();
  expect(posted.slice(1)).toEqual([{ type: "report", report, source: "shipped", pretrained }]);
  posted.length = 0;
  feed.update();
  expect(types()).toEqual(["state"]);

  feed.begin();
  expect(posted).toContainEqual({ type: "trace", trace: { state: "done", result: trace } });
  expect(posted).toContainEqual({ type: "report", report, source: "shipped", pretrained });
});
