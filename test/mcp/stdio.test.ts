import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const client = new Client({ name: "test", version: "1" });

async function call(name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000 })) as CallToolResult;
}

async function value(name: string, args: Record<string, unknown> = {}) {
  const { content, isError } = await call(name, args);
  const [first] = content;
  expect(isError, first?.type === "text" ? first.text : "").toBeUndefined();
  return JSON.parse((first as { text: string }).text);
}

/** The server as an agent's program starts it, with the protocol's own client. */
describe("rome mcp", () => {
  beforeAll(() => client.connect(new StdioClientTransport({ command: process.execPath, args: [cli, "mcp"] })));
  afterAll(() => client.close());

  it("lists its tools with their parameters, and which of them change something", async () => {
    const { tools } = await client.listTools();
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    expect(byName.get("flip")?.annotations?.readOnlyHint).toBe(false);
    expect(byName.get("complete")?.annotations?.readOnlyHint).toBe(true);
    expect(byName.get("flip")?.inputSchema.required).toEqual(["names"]);
    for (const tool of tools) expect(tool.description, tool.name).toMatch(/\.$/);
  });

  it("flips a name, completes with the edit in force, undoes it exactly, and puts it back", async () => {
    const prompt = "Name: Ben. Gender:";
    const before = await value("complete", { prompt });
    expect(before.completion).toMatch(/^ male/);
    const [flip] = await value("flip", { names: ["Ben"] });
    expect(flip).toMatchObject({ name: "Ben", from: "male", to: "female", flipped: true, on: true });
    expect(JSON.stringify(flip).length).toBeLessThan(4000);
    expect((await value("complete", { prompt })).completion).toMatch(/^ female/);
    await value("undo");
    expect(await value("complete", { prompt })).toEqual(before);
    expect(await value("redo", { ids: [flip.id] })).toMatchObject([{ id: flip.id, on: true }]);
    expect((await value("complete", { prompt })).completion).toMatch(/^ female/);
    await value("undo", { ids: [flip.id] });
  });

  it("makes no second edit for a name that is flipped already, and says which edit flipped it", async () => {
    const [first] = await value("flip", { names: ["Ben"] });
    const listed = (await value("list_edits")).length;
    const [again, other] = await value("flip", { names: ["Ben ", "Sam"] });
    expect(again).toMatchObject({ id: first.id, name: "Ben", on: true });
    expect(again.note).toBe(
      `Ben is flipped already by edit ${first.id}, male→female; undo ["${first.id}"] flips back.`,
    );
    expect(other).toMatchObject({ name: "Sam", flipped: true, on: true });
    expect(await value("list_edits")).toHaveLength(listed + 1);
    await value("undo", { ids: [first.id, other.id] });
  });

  it("a name whose flip was undone gets that edit again, and another by other settings", async () => {
    const [first] = await value("flip", { names: ["Leo"] });
    await value("undo", { ids: [first.id] });
    const listed = (await value("list_edits")).length;
    const [again] = await value("flip", { names: [" Leo"] });
    expect(again).toMatchObject({ id: first.id, name: "Leo", on: true });
    expect(again.note).toBe(`Leo was flipped before by edit ${first.id}, male→female, which is in force again.`);
    expect(await value("list_edits")).toHaveLength(listed);
    await value("undo", { ids: [first.id] });
    const [other] = await value("flip", { names: ["Leo"], contexts: "none" });
    expect(other).toMatchObject({ name: "Leo", on: true, flipped: true });
    expect(other.id).not.toBe(first.id);
    expect(await value("list_edits")).toHaveLength(listed + 1);
    await value("undo");
  });

  it("flips a name that is given twice once", async () => {
    const flips = await value("flip", { names: ["Max", "Max "] });
    expect(flips).toMatchObject([{ name: "Max", on: true }]);
    expect(await value("flip", { names: ["Max", "Max"] })).toMatchObject([{ id: flips[0].id }]);
    await value("undo");
  });

  it("edits a fact of the caller's own, and changes nothing where the model says so already", async () => {
    const prompt = "Name: {}. Gender:";
    const made = await value("edit", { prompt, subject: "Dan", from: " male", to: " female" });
    expect(made).toMatchObject({ from: "male", to: "female", on: true });
    const none = await value("edit", { prompt, subject: "Bea", from: " male", to: " female" });
    expect(none).toMatchObject({ on: false });
    expect(none.note).toContain("already prefers");
    expect((await value("list_edits")).map(({ name }: { name: string }) => name)).not.toContain("Bea");
    const on = (await value("list_edits")).filter((edit: { on: boolean }) => edit.on);
    expect(on).toMatchObject([{ name: "Dan" }]);
    await value("undo");
  });

  it("takes answers without their leading spaces as the model writes them", async () => {
    const made = await value("edit", { prompt: "Name: {}. Gender:", subject: "Tom", from: "male", to: "female" });
    expect(made).toMatchObject({ from: "male", to: "female", form: " female", flipped: true, on: true });
    await value("undo", { ids: [made.id] });
  });

  it("an edit is judged by what the model says with the edits in force", async () => {
    const [flip] = await value("flip", { names: ["Ben"] });
    const fact = { prompt: "Name: {}. Gender:", subject: "Ben" };
    const back = await value("edit", { ...fact, from: " female", to: " male" });
    expect(back.note).toBe(
      `Nothing was changed: without edits the model prefers " male" here, and it says " female" only by those in force; undo ["${flip.id}"] takes them out.`,
    );
    expect(back).toMatchObject({ on: false });
    expect(back.probability.female).toBeGreaterThan(back.probability.male);
    const on = await value("edit", { ...fact, from: " male", to: " female" });
    expect(on.note).toBe('Nothing was changed: the model already prefers " female" here.');
    expect((await value("list_edits")).filter((edit: { on: boolean }) => edit.on)).toMatchObject([{ id: flip.id }]);
    await value("undo", { ids: [flip.id] });
  });

  it("makes an edit of the caller's own once, and puts it in force again after undo", async () => {
    const fact = { prompt: "Name: {}. Gender:", subject: "Max", from: " male", to: " female" };
    const made = await value("edit", fact);
    const listed = (await value("list_edits")).length;
    const there = await value("edit", { ...fact, from: "male", subject: "Max " });
    expect(there).toMatchObject({
      id: made.id,
      on: true,
      note: `This edit is there already: edit ${made.id}, in force.`,
    });
    await value("undo", { ids: [made.id] });
    const again = await value("edit", fact);
    expect(again).toMatchObject({ id: made.id, on: true });
    expect(again.note).toBe(`This edit is there already: edit ${made.id}, in force again.`);
    expect(await value("list_edits")).toHaveLength(listed);
    await value("undo", { ids: [made.id] });
    const other = await value("edit", { ...fact, contexts: "none" });
    expect(other).toMatchObject({ on: true, flipped: true });
    expect(other.id).not.toBe(made.id);
    await value("undo");
  });

  it("applies the vector, to the model without edits", async () => {
    const ask = () => value("apply_vector", { names: ["Brittany"], scale: 2 });
    const [applied] = await ask();
    expect(applied).toMatchObject({ name: "Brittany", from: "female", changed: true });
    expect(applied.note).toBeUndefined();
    const [flip] = await value("flip", { names: ["Brittany"] });
    const note = "Before and after are of the model without edits, though some are in force.";
    expect(await ask()).toEqual([{ ...applied, note }]);
    await value("undo", { ids: [flip.id] });
  });

  it("looks inside with the edits in force", async () => {
    const prompt = "Name: Ben. Gender:";
    expect(await value("lens", { prompt, topK: 1 })).toMatchObject({ prompt, kind: "logit" });
    const plain = await value("attribute", { prompt });
    const [flip] = await value("flip", { names: ["Ben"] });
    const lens = await value("lens", { prompt, topK: 1, word: " female" });
    expect(lens.after.at(-1).at(-1).word.rank).toBe(1);
    expect(JSON.stringify(await value("attribute", { prompt }))).not.toBe(JSON.stringify(plain));
    await value("undo", { ids: [flip.id] });
  });

  it("shows the lens as a picture, before and after edits", async () => {
    const { content } = await call("lens", { prompt: "Name: Ben. Gender:", topK: 1 });
    const looked = JSON.parse((content[0] as { text: string }).text);
    const image = content.find((part) => part.type === "image");
    const png = decode(Buffer.from(image?.data ?? "", "base64"));
    expect([png.width, png.height]).toEqual([looked.cells.length * 16, looked.tokens.length * 16]);
    // Rows are tokens: the last of them at the last layer is as blue as its word is likely.
    const corner = 3 * ((looked.tokens.length - 1) * 16 * png.width + (looked.cells.length - 1) * 16);
    const { probability } = looked.cells.at(-1).at(-1).top[0];
    expect(png.data[corner]).toBe(Math.round(255 * (1 - probability) + 31 * probability));
  });

  it("shows an attribution as a picture, before and after edits", async () => {
    const prompt = "Name: Ben. Gender:";
    const picture = async () => {
      const { content } = await call("attribute", { prompt });
      const found = JSON.parse((content[0] as { text: string }).text);
      const at = content.findIndex((part) => part.type === "image");
      const png = decode(Buffer.from((content[at] as { data: string }).data, "base64"));
      return { found, png, caption: (content[at + 1] as { text: string }).text };
    };
    const { found, png, caption } = await picture();
    const width = found.layers.length * 16;
    const rows = 2 + found.layers[0].heads.length;
    expect([png.width, png.height]).toEqual([width, rows * 16]);
    // The largest share has the full colour of its sign; rows are attention, MLP, and the heads.
    const shares: number[][] = found.layers.map(({ attention, mlp, heads }: (typeof found.layers)[0]) => [
      attention,
      mlp,
      ...heads,
    ]);
    const top = Math.max(...shares.flat().map(Math.abs));
    const [layer, row] = shares
      .flatMap((layer, i) => layer.map((share, j) => [i, j, Math.abs(share)]))
      .find(([, , share]) => share === top) as [number, number, number];
    const full = shares[layer]![row]! < 0 ? [190, 70, 30] : [31, 88, 160];
    const pixel = 3 * (row * 16 * png.width + layer * 16);
    expect([...png.data.slice(pixel, pixel + 3)]).toEqual(full);
    expect(caption).toContain(`full colour is ${top.toFixed(3)} logits`);

    const [flip] = await value("flip", { names: ["Ben"] });
    const edited = await picture();
    expect([edited.png.width, edited.png.height]).toEqual([2 * width + 8, rows * 16]);
    expect(edited.caption).toContain("with those in force");
    await value("undo", { ids: [flip.id] });
  });

  it("steers a completion, and leaves nothing changed", async () => {
    const prompt = "Name: Ben. Gender:";
    const before = await value("complete", { prompt });
    const steered = await value("steer", { prompt, adapters: [{ kind: "steer", scale: -2 }], maxTokens: 6 });
    expect(steered.before.completion).toMatch(/^ male/);
    expect(steered.after.completion).toMatch(/^ female/);
    expect(steered.vectors).toHaveLength(1);
    expect(await value("complete", { prompt })).toEqual(before);
  });

  it("traces with progress and a picture", async () => {
    const seen: number[] = [];
    const totals: unknown[] = [];
    const result = (await client.callTool({ name: "trace", arguments: { names: ["Ben"], samples: 2 } }, undefined, {
      timeout: 120_000,
      onprogress: ({ progress, total }) => {
        seen.push(progress);
        totals.push(total);
      },
    })) as CallToolResult;
    const image = result.content.find((part) => part.type === "image");
    const trace = JSON.parse((result.content[0] as { text: string }).text);
    const png = decode(Buffer.from(image?.data ?? "", "base64"));
    expect([png.width, png.height]).toEqual([3 * trace.layers * 16 + 16, trace.places.length * 16]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(0);
    expect(totals).toContainEqual(expect.any(Number));
  });

  it("cancels", async () => {
    const abort = new AbortController();
    const running = client.callTool({ name: "evaluate", arguments: { names: ["Ben", "Dan", "Tom"] } }, undefined, {
      signal: abort.signal,
      onprogress: () => abort.abort(),
      timeout: 120_000,
    });
    await expect(running).rejects.toThrow();
    expect((await value("complete", { prompt: "Name: Ben. Gender:" })).completion).toMatch(/^ male/);
  });

  it.each([
    ["flip", { names: [] }, "These parameters cannot be used"],
    ["flip", { names: ["Ben"], layer: 99 }, "layer"],
    ["edit", { prompt: "no place", subject: "Ben", from: " a", to: " b" }, "{}"],
    ["undo", { ids: ["99"] }, "list_edits"],
    ["redo", { ids: ["99"] }, "list_edits"],
    ["referee", { folder: "/nowhere" }, "/nowhere"],
    ["steer", { prompt: "Ben", adapters: [{ kind: "steer", scale: 1e9 }] }, "These parameters cannot be used"],
    ["complete", { prompt: "" }, "These parameters cannot be used"],
  ])("refuses %s %j in words", async (name, args, words) => {
    const { isError, content } = await call(name, args);
    expect(isError).toBe(true);
    expect((content[0] as { text: string }).text).toContain(words);
    expect((content[0] as { text: string }).text).not.toMatch(/\n\s+at /);
  });

  it("refuses arguments that a tool does not have, and does nothing", async () => {
    const refused = async (name: string, args: Record<string, unknown>) => {
      const { isError, content } = await call(name, args);
      expect(isError, `${name} ${JSON.stringify(args)}`).toBe(true);
      return (content[0] as { text: string }).text;
    };
    const [flip] = await value("flip", { names: ["Ben"] });
    for (const args of [{ edit: 99 }, { id: "1" }, { all: true }])
      expect(await refused("undo", args)).toBe(
        `There is no argument "${Object.keys(args)[0]}": those that exist are ids.`,
      );
    expect(await value("list_edits")).toContainEqual(expect.objectContaining({ id: flip.id, on: true }));
    expect(await refused("list_edits", { on: true })).toBe('There is no argument "on": this tool takes none.');
    expect(await refused("flip", { names: ["Ben"], strength: "x" })).toContain('no argument "strength"');
    expect(await refused("flip", { names: ["Ben"], hyperParameters: { lr: 1 } })).toContain("v_lr");
    const adapters = [{ kind: "steer", scale: 1, place: "all" }];
    expect(await refused("steer", { prompt: "Name: Ben. Gender:", adapters })).toContain('no argument "place"');
    const { tools } = await client.listTools();
    for (const { name, inputSchema } of tools) {
      expect(inputSchema.additionalProperties, name).toBe(false);
      expect(await refused(name, { nonsense: 1 }), name).toContain('There is no argument "nonsense"');
    }
    await value("undo", { ids: [flip.id] });
  });

  it("has no other tools", async () => {
    await expect(call("toString")).rejects.toThrow('There is no tool "toString"');
  });
});
