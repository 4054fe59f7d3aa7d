import { dirname } from "node:path";
import { downloadFileToCacheDir, listFiles } from "@huggingface/hub";
import type { Call } from "../protocol/engine.ts";
import { RomeError, throwIfCancelled } from "./errors.ts";

const settings = /^(config|tokenizer|tokenizer_config|rome)\.json$/;
const safetensors = /^model.*\.safetensors(\.index\.json)?$/;
const torch = /^pytorch_model.*\.bin(\.index\.json)?$/;

/**
 * Fetches a model's config, tokenizer and weights into the standard Hugging Face cache; files already there stay.
 * HF_ENDPOINT and HF_TOKEN are honoured.
 *
 * @returns the snapshot's folder
 */
export async function download(
  repository: string,
  revision: string | undefined,
  { signal, progress }: Call,
): Promise<string> {
  const repo = { type: "model", name: repository } as const;
  let received = 0;
  let total = 0;
  const counted: typeof fetch = async (input, init) => {
    const response = await fetch(input, { ...init, signal });
    const body = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          received += chunk.length;
          progress({ phase: "download", done: Math.min(received, total), total });
          controller.enqueue(chunk);
        },
      }),
    );
    return new Response(body, response);
  };
  const shared = { repo, revision, hubUrl: process.env.HF_ENDPOINT, accessToken: process.env.HF_TOKEN };
  try {
    const files = [];
    for await (const file of listFiles({ ...shared, recursive: false })) if (file.type === "file") files.push(file);
    const weights = files.some(({ path }) => safetensors.test(path)) ? safetensors : torch;
    const wanted = files.filter(({ path }) => settings.test(path) || weights.test(path));
    if (!wanted.some(({ path }) => weights.test(path)))
      throw new RomeError("network", `${repository} holds no weights this program reads (safetensors or PyTorch).`);
    total = wanted.reduce((sum, { size }) => sum + size, 0);
    let folder = "";
    for (const { path } of wanted) {
      throwIfCancelled(signal);
      folder = dirname(await downloadFileToCacheDir({ ...shared, path, fetch: counted }));
    }
    return folder;
  } catch (error) {
    throwIfCancelled(signal);
    if (RomeError.is(error)) throw error;
    const message = `${repository} could not be downloaded: ${(error as Error).message}. Check its name and the network, then try again: what has arrived is kept.`;
    throw new RomeError("network", message, { cause: error });
  }
}
