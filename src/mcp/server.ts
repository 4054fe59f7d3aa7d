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

/** What a progress notification says; without a total where the engine knows none. */
interface Told {
  progress: number;
  total?: number;
  message: string;
}

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
    const send = (told: Told) => {
      if (token === undefined) return;
      // A client that is gone needs no progress.
      sendNotification({ method: "notifications/progress", params: { progressToken: token, ...told } }).catch(() => {});
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

/**
 * The engine's progress as the protocol's, which must rise: a phase that begins at 0 again goes on where the last one
 * stood, and what tells nothing new of it rises by next to nothing.
 */
export function paced(send: (progress: Told) => void, now = () => performance.now()): (progress: Progress) => void {
  let [base, before, sent, last] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  return ({ phase, done, total }) => {
    if (done < before) base += before;
    before = done;
    if (now() - last < progressInterval) return;
    last = now();
    sent = Math.max(base + done, sent + 1e-6);
    send(
      total > 0
        ? { progress: sent, total: base + total, message: `${phase} ${done}/${total}` }
        : { progress: sent, message: phase },
    );
  };
}
