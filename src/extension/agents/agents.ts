import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { refusal } from "../../mcp/refusal.ts";
import { type Tool, tools, type Workplace } from "../../mcp/tools.ts";
import { languageModelToolName, mcpProvider } from "../contributions.ts";
import type { Log } from "../engine/log.ts";
import { currentHost, findRuntime } from "../engine/nodeRuntime.ts";
import type { Settings } from "../settings.ts";
import type { ToolSocket } from "./toolSocket.ts";

/** Lets the editor's agents use the tools: as tools of its own chat, and as a server of the Model Context Protocol. */
export function registerAgents(
  { extensionUri, extension }: vscode.ExtensionContext,
  place: Workplace,
  settings: Settings,
  log: Log,
): vscode.Disposable[] {
  const version = (extension.packageJSON as { version: string }).version;
  let socket: Promise<ToolSocket> | undefined;
  // Loaded when an agent comes: the protocol's library is as large as the extension.
  const openSocket = async () => {
    const { ToolSocket } = await import("./toolSocket.ts");
    return new ToolSocket(place, version, log);
  };
  const provider: vscode.McpServerDefinitionProvider = {
    async provideMcpServerDefinitions() {
      const { execPath, source } = await findRuntime(settings.get("rome.nodePath"), currentHost());
      const relay = vscode.Uri.joinPath(extensionUri, "dist", "relay.js").fsPath;
      const env: Record<string, string> = source === "electron" ? { ELECTRON_RUN_AS_NODE: "1" } : {};
      socket ??= openSocket();
      const path = await (await socket).path();
      log.info(`Agents use the tools at ${path}.`);
      return [new vscode.McpStdioServerDefinition("ROME", execPath, [relay, path], env, version)];
    },
  };
  return [
    { dispose: () => void socket?.then((opened) => opened.dispose()) },
    vscode.lm.registerMcpServerDefinitionProvider(mcpProvider, provider),
    ...Object.entries<Tool>(tools).map(([name, tool]) =>
      vscode.lm.registerTool(languageModelToolName(name), languageModelTool(tool, place)),
    ),
  ];
}

/** One tool of the editor's chat; what changes the model's answers asks first. */
function languageModelTool(tool: Tool, place: Workplace): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: ({ input }) => {
      if (!tool.changes) return { invocationMessage: tool.title };
      const message = t("This changes what the model answers, until it is undone: {0}", JSON.stringify(input));
      return { invocationMessage: tool.title, confirmationMessages: { title: tool.title, message } };
    },
    async invoke({ input }, token) {
      const abort = new AbortController();
      const subscription = token.onCancellationRequested(() => abort.abort());
      try {
        const { value } = await tool.run(place, input, { signal: abort.signal, progress: () => {} });
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(value))]);
      } catch (error) {
        throw new Error(refusal(error), { cause: error });
      } finally {
        subscription.dispose();
      }
    },
  };
}
