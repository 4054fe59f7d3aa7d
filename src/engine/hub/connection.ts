import { readFile } from "node:fs/promises";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { PassingError, type Patience, persistently } from "./persistence.ts";
import { isOffline, tokenPath } from "./places.ts";

/** The Hub, or the mirror that HF_ENDPOINT names, with what the environment says of proxy and token. */
export class HubConnection {
  /** Something has come from there: a failure after that is more likely to pass. */
  #reached = false;

  private constructor(
    readonly endpoint: string,
    readonly patience: Patience,
    private readonly dispatch: typeof fetch,
    private readonly token: { readonly value: string; readonly source: string } | undefined,
    /** What an address with a name and a password asks for. */
    private readonly login: string | undefined,
  ) {}

  static async open(patience: Patience): Promise<HubConnection> {
    if (isOffline())
      throw new RomeError("network", "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it and try again.");
    const { endpoint, login } = readEndpoint();
    return new HubConnection(endpoint, patience, await chooseFetch(), await readToken(), login);
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
    const proof = this.token ? `Bearer ${this.token.value}` : this.login;
    const authorization: Record<string, string> = proof && isEndpoint ? { Authorization: proof } : {};
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
  const dispatcher = proxyAgent(undici);
  // The two fetches differ only in how their types are written.
  return ((url: string, init: object) => undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}

function proxyAgent({ EnvHttpProxyAgent }: typeof import("undici")) {
  try {
    return new EnvHttpProxyAgent();
  } catch {
    // Without the cause, which may hold the proxy's password.
    throw new RomeError("input", "HTTPS_PROXY or HTTP_PROXY is not the address of a proxy. Write http://host:port.");
  }
}

/** The address without the name and password that it may hold: those never stand in a message. */
function readEndpoint(): { endpoint: string; login: string | undefined } {
  const given = process.env.HF_ENDPOINT || "https://huggingface.co";
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new RomeError(
      "input",
      `HF_ENDPOINT is ${JSON.stringify(withoutSecrets(given))}, which is not an http(s) address.`,
    );
  const { origin, pathname, username, password } = new URL(given);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const login = username || password ? `Basic ${Buffer.from(pair).toString("base64")}` : undefined;
  return { endpoint: `${origin}${pathname}`.replace(/\/+$/, ""), login };
}

/** A text without what stands before an @, behind a ? or #, or is the token. */
function withoutSecrets(text: string): string {
  const tokens = [process.env.HF_TOKEN, process.env.HUGGING_FACE_HUB_TOKEN].map((token) => token?.trim());
  const plain = text.replace(/[^/\s"'@]*:?[^\s"'@]*@/g, "").replace(/[?#]\S*/g, "");
  return tokens
    .reduce<string>((rest, token) => (token ? rest.replaceAll(token, "…") : rest), plain)
    .replace(/\bhf_\w+/g, "…");
}

/** The token as Python's huggingface_hub finds it. */
async function readToken(): Promise<{ value: string; source: string } | undefined> {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN } = process.env;
  const given = cleanToken(HF_TOKEN || HUGGING_FACE_HUB_TOKEN || "");
  const source = given ? (HF_TOKEN ? "HF_TOKEN" : "HUGGING_FACE_HUB_TOKEN") : tokenPath();
  const value = given || cleanToken(await readFile(source, "utf8").catch(() => ""));
  // What no header can hold would be quoted by the error of the request.
  if (/[^\x21-\x7e]/.test(value))
    throw new RomeError("input", `The token in ${source} has characters that no token has. Copy it again.`);
  return value ? { value, source } : undefined;
}

function cleanToken(text: string): string {
  return text.replace(/[\r\n]/g, "").trim();
}

/** The innermost cause in a few words: "fetch failed" alone tells nothing. */
export function reasonOf(error: unknown): string {
  const { cause, code, message } = error as Error & { code?: string };
  if (cause instanceof Error) return reasonOf(cause);
  return code ?? withoutSecrets(message);
}
