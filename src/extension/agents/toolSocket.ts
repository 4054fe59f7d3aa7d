import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createServer as createToolServer } from "../../mcp/server.ts";
import type { Workplace } from "../../mcp/tools.ts";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";

/**
 * Serves the tools on a local socket that only this user can open: in a folder of its own (mode 700), on Windows a pipe
 * with a name that cannot be guessed. Each connection is a client of its own; they share the edits.
 */
export class ToolSocket {
  #server: Promise<{ server: Server; path: string }> | undefined;

  constructor(
    private readonly place: Workplace,
    private readonly version: string,
    private readonly log: Log,
  ) {}

  /** Where it listens; opened at the first call. */
  async path(): Promise<string> {
    this.#server ??= this.#listen();
    return (await this.#server).path;
  }

  dispose(): void {
    void this.#server?.then(async ({ server, path }) => {
      server.close();
      if (process.platform !== "win32") await rm(dirname(path), { recursive: true, force: true });
    });
  }

  async #listen(): Promise<{ server: Server; path: string }> {
    const path =
      process.platform === "win32"
        ? `\\\\.\\pipe\\rome-${randomUUID()}`
        : join(await mkdtemp(join(tmpdir(), "rome-")), "tools");
    const server = createServer((socket) => {
      const tools = createToolServer(this.place, this.version);
      socket.on("error", (error) => this.log.warn(`An agent's connection broke: ${messageOf(error)}`));
      socket.on("close", () => void tools.close());
      tools.connect(new StdioServerTransport(socket, socket)).catch((error: unknown) => {
        this.log.error(messageOf(error));
        socket.destroy();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return { server, path };
  }
}
