import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import type { Call, Progress } from "../protocol/engine.ts";
import { parameterSchema } from "./parameterSchema.ts";
import { refusal } from "./refusal.ts";
import { type Answer, type Tool, tools, type Workplace } from "./tools.ts";

/** Least time between two progress notifications. */
const progressInterval = 200;

/**
 * A server of the Model Context Protocol over the tools' table; connect it to any transport. What a tool refuses is a
 * result with `isError`, so that the agent reads the sentence and can act on it.
 */
export function createServer(place: Workplace, version: string): Server {
  const server = new Server(
    { name: "rome", title: "ROME: look inside a language model and rewrite a belief", version },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries<Tool>(tools).map(([name, { title, description, params, changes }]) => ({
      name,
      title,
      description,
      inputSchema: parameterSchema(params),
      annotations: { title, readOnlyHint: !changes, destructiveHint: false, openWorldHint: false },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const tool = Object.hasOwn(tools, params.name) ? (tools as Record<string, Tool>)[params.name] : undefined;
    if (!tool) throw new McpError(ErrorCode.InvalidParams, `There is no tool "${params.name}".`);
    const token = params._meta?.progressToken;
    const send = (progress: number, message: string) => {
      if (token === undefined) return;
      const notification = { progressToken: token, progress, message };
      // A client that is gone needs no progress.
      sendNotification({ method: "notifications/progress", params: notification }).catch(() => {});
    };
    return answered(tool, place, params.arguments ?? {}, { signal, progress: paced(send) });
  });
  return server;
}

async function answered(tool: Tool, place: Workplace, given: unknown, call: Call): Promise<CallToolResult> {
  try {
    return toResult(await tool.run(place, given, call));
  } catch (error) {
    return { isError: true, content: [{ type: "text", text: refusal(error) }] };
  }
}

function toResult({ value, images = [] }: Answer): CallToolResult {
  return {
    content: [
      { type: "text", text: JSON.stringify(value) },
      ...images.flatMap(({ data, mimeType, caption }) => [
        { type: "image" as const, data, mimeType },
        { type: "text" as const, text: caption },
      ]),
    ],
  };
}

/** Progress of the protocol must rise; phases of the engine each begin at 0. */
function paced(send: (progress: number, message: string) => void): (progress: Progress) => void {
  let [count, last] = [0, 0];
  return ({ phase, done, total }) => {
    const now = performance.now();
    if (now - last < progressInterval) return;
    last = now;
    send(++count, total > 0 ? `${phase} ${done}/${total}` : phase);
  };
}
