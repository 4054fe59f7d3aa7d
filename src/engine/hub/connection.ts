import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { RomeError, throwIfCancelled } from "../run/errors.ts";
import { PassingError, type Patience, persistently } from "./persistence.ts";

/** The Hub, or the mirror that HF_ENDPOINT names, with what the environment says of proxy and token. */
export class HubConnection {
  /** Something has come from there: a failure after that is more likely to pass. */
  #reached = false;

  private constructor(
    readonly endpoint: string,
    readonly patience: Patience,
    private readonly dispatch: typeof fetch,
    private readonly token: { readonly value: string; readonly source: string } | undefined,
  ) {}

  static async open(patience: Patience): Promise<HubConnection> {
    if (/^(1|on|yes|true)$/i.test(process.env.HF_HUB_OFFLINE ?? ""))
      throw new RomeError("network", "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it and try again.");
    const endpoint = (process.env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
      throw new RomeError("input", `HF_ENDPOINT is ${JSON.stringify(endpoint)}, which is not an http(s) address.`);
    return new HubConnection(endpoint, patience, await chooseFetch(), await readToken());
  }

  /**
   * One request about `subject` (words for messages), repeated while its failures may pass. The token goes to the
   * endpoint alone; redirects are followed.
   */
  request(subject: string, url: string, headers: Record<string, string> = {}): Promise<Response> {
    return persistently(() => this.requestOnce(subject, url, headers), this.patience);
  }

  /** The same without a second try. @throws PassingError where a second try may help, else RomeError ("network") */
  async requestOnce(subject: string, url: string, headers: Record<string, string> = {}): Promise<Response> {
    const { signal } = this.patience;
    const { origin, host } = new URL(url);
    const isEndpoint = origin === new URL(this.endpoint).origin;
    const authorization: Record<string, string> =
      this.token && isEndpoint ? { Authorization: `Bearer ${this.token.value}` } : {};
    const response = await this.dispatch(url, { headers: { ...headers, ...authorization }, signal }).catch((cause) => {
      throwIfCancelled(signal);
      const why = reasonOf(cause);
      if (this.#reached) throw new PassingError(`The connection to ${host} failed (${why})`, 0, { cause });
      throw new RomeError(
        "network",
        `${host} cannot be reached (${why}). Check the network; a proxy is taken from HTTPS_PROXY, a mirror from HF_ENDPOINT.`,
        { cause },
      );
    });
    this.#reached = true;
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#refusal(subject, new URL(response.url || url).host, response);
  }

  #refusal(subject: string, host: string, { status, headers }: Response): Error {
    if (status >= 500 || [408, 425, 429].includes(status))
      return new PassingError(`${host} answered ${status}`, Number(headers.get("retry-after")) || 0);
    const code = headers.get("x-error-code");
    const refused = (why: string) => new RomeError("network", why);
    if (code === "GatedRepo")
      return refused(
        `${subject} is gated. Accept its conditions at ${this.endpoint} while signed in there, then give your token in HF_TOKEN.`,
      );
    if (code === "RevisionNotFound") return refused(`${subject}: there is no such revision. Check what follows the @.`);
    if (code === "EntryNotFound") return refused(`${subject} has no such file any more. Try again.`);
    if (status === 401 && code !== "RepoNotFound" && this.token)
      return refused(`${host} does not accept the token from ${this.token.source}. Make a new one, or take it away.`);
    if (status === 401 || status === 404)
      return refused(
        this.token
          ? `${host} has no ${subject}, or the token from ${this.token.source} may not see it. Check the name.`
          : `${host} has no ${subject}, or it is private. Check the name; for a private one give your token in HF_TOKEN.`,
      );
    if (status === 403) return refused(`${host} refuses ${subject} (403): your token may not read it.`);
    return refused(`${host} answered ${status} when asked for ${subject}.`);
  }
}

/** Node's own fetch, or one that goes through the proxy which the environment names. */
async function chooseFetch(): Promise<typeof fetch> {
  const { env } = process;
  if (!(env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy)) return fetch;
  const undici = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent();
  // The two fetches differ only in how their types are written.
  return ((url: string, init: object) => undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}

/** The token as Python's huggingface_hub finds it. */
async function readToken(): Promise<{ value: string; source: string } | undefined> {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = process.env;
  const given = (HF_TOKEN || HUGGING_FACE_HUB_TOKEN)?.trim();
  if (given) return { value: given, source: HF_TOKEN ? "HF_TOKEN" : "HUGGING_FACE_HUB_TOKEN" };
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "huggingface");
  const source = HF_TOKEN_PATH ?? join(home, "token");
  const value = (await readFile(source, "utf8").catch(() => "")).trim();
  return value ? { value, source } : undefined;
}

/** The innermost cause in a few words: "fetch failed" alone tells nothing. */
export function reasonOf(error: unknown): string {
  const { cause, code, message } = error as Error & { code?: string };
  if (cause instanceof Error) return reasonOf(cause);
  return code ?? message;
}
