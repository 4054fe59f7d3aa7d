import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { apiOf } from "../engine/server/api.ts";
import type { Engine } from "../engine/tasks/engine.ts";
import type { Call } from "../protocol/engine.ts";
import { type Ask, ownEdits } from "./agentEdits.ts";
import { createServer } from "./server.ts";

/** Serves an engine of this process on stdin and stdout until the client closes them. */
export async function serveStdio(engine: Engine, version: string): Promise<void> {
  const api = apiOf(engine) as unknown as Record<string, (params: unknown, call: Call) => Promise<unknown>>;
  const ask = ((method: string, params: unknown, call: Call) => api[method]?.(params, call)) as Ask;
  const server = createServer({ ask, edits: ownEdits(ask) }, version);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once("end", () => void server.close());
  });
  await server.connect(new StdioServerTransport());
  await closed;
}
