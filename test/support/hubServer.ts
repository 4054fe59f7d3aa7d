/**
 * A server that behaves like the Hugging Face Hub, as far as a download sees it: revisions, the tree in pages, small
 * files answered directly, large ones by a redirect to a second server (the "CDN"), ranges, ETags, refusals.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A fault: answers the request itself and returns true, or lets it pass. */
export type Fault = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

export interface Hosted {
  readonly commit: string;
  readonly files: Map<string, Buffer>;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const gitHash = (bytes: Uint8Array) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
const isLarge = (path: string) => /\.(safetensors|bin)$/.test(path);

export class HubServer {
  /** "owner/name@revision" → what it holds. */
  readonly models = new Map<string, Hosted>();
  /** Every request: "hub" or "cdn", path, headers. */
  readonly log: { server: "hub" | "cdn"; path: string; headers: IncomingMessage["headers"] }[] = [];
  /** Contents the CDN has sent, in bytes. */
  sent = 0;
  hubFault: Fault = () => false;
  cdnFault: Fault = () => false;
  /** Changes the entries of the tree before they are sent. */
  alterTree: (entries: Record<string, unknown>[]) => unknown = (entries) => entries;
  readonly #servers: Server[] = [];
  endpoint = "";
  cdn = "";

  static async start(): Promise<HubServer> {
    const hub = new HubServer();
    hub.endpoint = await hub.#listen("hub", (...args) => hub.#answer(...args));
    hub.cdn = await hub.#listen("cdn", (...args) => hub.#deliver(...args));
    return hub;
  }

  async #listen(name: "hub" | "cdn", answer: (request: IncomingMessage, response: ServerResponse, url: URL) => void) {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      this.log.push({ server: name, path: url.pathname, headers: request.headers });
      const fault = name === "hub" ? this.hubFault : this.cdnFault;
      if (!fault(request, response, url)) answer(request, response, url);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Hosts the files of a folder, and others. */
  add(id: string, folder: string | undefined, others: Record<string, Uint8Array | string> = {}): Hosted {
    const files = new Map<string, Buffer>();
    for (const name of folder ? readdirSync(folder) : []) files.set(name, readFileSync(join(folder ?? "", name)));
    for (const [name, contents] of Object.entries(others)) files.set(name, Buffer.from(contents));
    const hashed = createHash("sha1");
    for (const [name, contents] of files) hashed.update(name).update(contents);
    const hosted = { commit: hashed.digest("hex"), files };
    this.models.set(id, hosted);
    return hosted;
  }

  /** Forgets what was asked for. */
  reset(): void {
    this.log.length = 0;
    this.sent = 0;
    this.hubFault = this.cdnFault = () => false;
    this.alterTree = (entries) => entries;
  }

  #find(repository: string, revision: string): Hosted | undefined {
    for (const [id, hosted] of this.models) {
      const [name, branch = "main"] = id.split("@");
      if (name === repository && (branch === revision || hosted.commit === revision)) return hosted;
    }
    return undefined;
  }

  #answer(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const api = /^\/api\/models\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const resolve = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [repository, revision] = api ? [api[1], api[3]] : [resolve?.[1], resolve?.[2]];
    const known = [...this.models.keys()].some((id) => id.split("@")[0] === repository);
    const hosted = this.#find(repository ?? "", decodeURIComponent(revision ?? ""));
    const path = decodeURIComponent(resolve?.[3] ?? "");
    const contents = hosted?.files.get(path);
    if (!known) refuse(response, 401, "RepoNotFound");
    else if (!hosted) refuse(response, 404, "RevisionNotFound");
    else if (api?.[2] === "revision")
      json(response, { _id: "1", id: repository, sha: hosted.commit, lastModified: "2026-01-01T00:00:00Z" });
    else if (api) this.#tree(response, url, hosted);
    else if (!contents) refuse(response, 404, "EntryNotFound");
    else this.#resolve(request, response, path, contents);
  }

  /** A small file at once, a large one by way of the CDN. */
  #resolve(request: IncomingMessage, response: ServerResponse, path: string, contents: Buffer): void {
    if (!isLarge(path)) {
      response.setHeader("ETag", `"${gitHash(contents)}"`);
      send(request, response, contents);
      return;
    }
    const oid = sha256(contents);
    response.writeHead(302, {
      Location: `${this.cdn}/${oid}?path=${encodeURIComponent(path)}`,
      "X-Linked-Etag": `"${oid}"`,
      "X-Linked-Size": contents.length,
    });
    response.end();
  }

  /** Two entries a page, as the Hub pages long trees. */
  #tree(response: ServerResponse, url: URL, { files }: Hosted): void {
    const all = [...files].map(([path, contents]) => ({
      type: "file",
      path,
      size: contents.length,
      oid: gitHash(contents),
      ...(isLarge(path) ? { lfs: { oid: sha256(contents), size: contents.length, pointerSize: 130 } } : {}),
    }));
    const entries = this.alterTree([{ type: "directory", path: "runs", size: 0, oid: "0".repeat(40) }, ...all]);
    if (!Array.isArray(entries)) {
      json(response, entries);
      return;
    }
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const next = new URL(url.pathname + url.search, this.endpoint);
    next.searchParams.set("cursor", String(from + 2));
    if (from + 2 < entries.length) response.setHeader("Link", `<${next}>; rel="next"`);
    json(response, entries.slice(from, from + 2));
  }

  #deliver(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const contents = this.contents(url);
    if (contents) this.sent += send(request, response, contents);
    else refuse(response, 404);
  }

  /** The contents that a CDN address means. */
  contents(url: URL): Buffer | undefined {
    const all = [...this.models.values()].flatMap(({ files }) => [...files.values()]);
    return all.find((contents) => sha256(contents) === url.pathname.slice(1));
  }

  /** A fault that sends the contents as asked, but breaks the connection after so many bytes. */
  cutAfter(request: IncomingMessage, response: ServerResponse, url: URL, bytes: number): void {
    const contents = this.contents(url) as Buffer;
    const start = rangeStart(request) ?? 0;
    const part = contents.subarray(start, start + bytes);
    head(request, response, contents);
    this.sent += part.length;
    response.write(part, () => response.socket?.end());
  }
}

export function rangeStart(request: IncomingMessage): number | undefined {
  const match = /^bytes=(\d+)-/.exec(request.headers.range ?? "");
  return match ? Number(match[1]) : undefined;
}

function head(request: IncomingMessage, response: ServerResponse, contents: Buffer): number {
  const start = rangeStart(request);
  if (start !== undefined && start >= contents.length) {
    response.writeHead(416, { "Content-Range": `bytes */${contents.length}` });
    return contents.length;
  }
  response.writeHead(start === undefined ? 200 : 206, {
    "Accept-Ranges": "bytes",
    "Content-Length": contents.length - (start ?? 0),
    ...(start === undefined ? {} : { "Content-Range": `bytes ${start}-${contents.length - 1}/${contents.length}` }),
  });
  return start ?? 0;
}

function send(request: IncomingMessage, response: ServerResponse, contents: Buffer): number {
  const start = head(request, response, contents);
  response.end(contents.subarray(start));
  return contents.length - start;
}

export function refuse(response: ServerResponse, status: number, code?: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { ...headers, ...(code ? { "X-Error-Code": code } : {}) });
  response.end();
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}
