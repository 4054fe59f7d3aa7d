/** Entry of the engine process, forked by the extension host. It ends when the host goes away. */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { EngineApi, EngineOptions } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { serve } from "./server.ts";

/** Loads the engine late, so that a native library that cannot load becomes an answer instead of a dead process. */
async function createEngine(options: EngineOptions): Promise<EngineApi> {
  const { createApi } = await import("./api.ts").catch((error: unknown) => {
    throw startupError(error);
  });
  return createApi(options);
}

function startupError(error: unknown): RomeError {
  const text = error instanceof Error ? error.message : String(error);
  const platform = `${process.platform}-${process.arch}`;
  if (/GLIBC|GLIBCXX|libstdc\+\+/.test(text)) {
    return new RomeError(
      "engine",
      `onnxruntime needs a newer C library than this system has (glibc 2.28 or later): ${text}. Use a newer system, or a container with one.`,
      { cause: error },
    );
  }
  if (/onnxruntime_binding|Cannot find module|MODULE_NOT_FOUND|dlopen|not a valid Win32|wrong ELF/.test(text)) {
    return new RomeError(
      "engine",
      `onnxruntime has no library for this platform (${platform}) in this installation: ${text}. Install the extension's package for ${platform}; Intel Macs have none.`,
      { cause: error },
    );
  }
  return new RomeError("engine", `The engine could not be loaded: ${text}`, { cause: error });
}

if (!process.send) {
  console.error("This is the engine of the ROME extension; it is started by the editor. For the terminal, use: rome");
  process.exit(2);
}
process.on("disconnect", () => process.exit(0));
serve(createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)), createEngine);
