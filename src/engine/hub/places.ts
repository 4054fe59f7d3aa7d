import { homedir } from "node:os";
import { join } from "node:path";

/** A path from the environment as Python's huggingface_hub reads it: ~ is the home, $NAME and ${NAME} are variables. */
function expand(path: string): string {
  const { env } = process;
  const home = env.HOME ?? env.USERPROFILE ?? homedir();
  return path
    .replace(/^~(?=$|[\\/])/, () => home)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, plain) => env[braced ?? plain] ?? whole);
}

/** Where Hugging Face's programs keep what is theirs. */
function hubHome(): string {
  const { HF_HOME, XDG_CACHE_HOME } = process.env;
  return expand(HF_HOME ?? join(XDG_CACHE_HOME ?? join("~", ".cache"), "huggingface"));
}

/** The cache of models: HF_HUB_CACHE or its older name, else in HF_HOME. */
export function cacheFolder(): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = process.env;
  return expand(HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(hubHome(), "hub"));
}

/** The file in which `hf auth login` leaves the token. */
export function tokenPath(): string {
  return expand(process.env.HF_TOKEN_PATH ?? join(hubHome(), "token"));
}

/** Whether nothing shall be downloaded. */
export function isOffline(): boolean {
  const { HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = process.env;
  return /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE || TRANSFORMERS_OFFLINE || "");
}
