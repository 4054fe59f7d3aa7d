import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import {
  expectError,
  pickle,
  pickledTensor,
  stateDict,
  storageEntry,
  torchFolder,
} from "../../support/checkpointBuilders.ts";

const refused = (folder: string, ...parts: string[]) =>
  expectError(openCheckpoint(folder), "checkpoint", "pytorch_model.bin", ...parts);

describe("pickles", () => {
  test("of tensors that share a storage give each its place", async () => {
    const folder = await torchFolder(
      stateDict({
        all: { storage: "0", elements: 10, shape: [10] },
        part: { storage: "0", elements: 10, start: 4, shape: [2, 3] },
        "single.row": { storage: "0", elements: 10, start: 9, shape: [1, 1], strides: [77, 5] },
        nothing: { storage: "0", elements: 10, start: 10, shape: [0, 3], strides: [9, 9] },
      }),
      [storageEntry("0", 40)],
    );
    const { weights, bytes } = await openCheckpoint(folder);
    const start = weights.get("all")?.offset ?? Number.NaN;
    expect([...weights.values()].map(({ name, offset, length }) => [name, offset - start, length])).toEqual([
      ["all", 0, 40],
      ["part", 16, 24],
      ["single.row", 36, 4],
      ["nothing", 40, 0],
    ]);
    expect(bytes).toBe(68);
  });

  test("with parameters, ordered dictionaries, their attributes and plain values", async () => {
    const tensor = pickledTensor({ storage: "0", elements: 2, shape: [2] });
    const parameter = pickle.call(
      pickle.global("torch._utils", "_rebuild_parameter"),
      tensor,
      Buffer.from([0x88]),
      Buffer.from("N"),
    );
    const dictionary = pickle.call(pickle.global("collections", "OrderedDict"));
    const items = Buffer.concat([
      Buffer.from("("),
      pickle.text("w"),
      parameter,
      pickle.text("n"),
      pickle.whole(-3),
      Buffer.from("u"),
    ]);
    const attributes = Buffer.concat([pickle.dictionary({ _metadata: dictionary }), Buffer.from("b")]);
    const folder = await torchFolder(pickle.of(Buffer.concat([dictionary, items, attributes])), [storageEntry("0", 8)]);
    expect([...(await openCheckpoint(folder)).weights.keys()]).toEqual(["w"]);
  });

  test.each([
    ["os", "system"],
    ["posix", "system"],
    ["builtins", "eval"],
    ["builtins", "getattr"],
    ["subprocess", "Popen"],
    ["torch.nn.modules.linear", "Linear"],
    ["torch.storage", "_load_from_bytes"],
    ["torch._utils", "_rebuild_tensor_v3"],
    ["collections", "OrderedDict.fromkeys"],
    ["__proto__", "constructor"],
  ])("that ask for %s.%s are refused by that name", async (module, name) => {
    const call = pickle.call(pickle.global(module, name), pickle.text("touch /tmp/pwned"));
    await refused(await torchFolder(pickle.of(call)), `"${module}.${name}"`);
    const stacked = Buffer.concat([pickle.text(module), pickle.text(name), Buffer.from([0x93])]);
    await refused(await torchFolder(pickle.of(stacked)), `"${module}.${name}"`);
    const instance = Buffer.concat([Buffer.from("("), pickle.text("true"), Buffer.from(`i${module}\n${name}\n`)]);
    await refused(await torchFolder(pickle.of(instance)), `"${module}.${name}"`);
  });

  const tensor = { storage: "0", elements: 6, shape: [2, 3] };
  const bad: [string, Buffer, ...string[]][] = [
    [
      "a transposed tensor",
      stateDict({ w: { ...tensor, strides: [1, 2] } }),
      '"w" is not stored row by row',
      ".contiguous()",
    ],
    ["a broadcast tensor", stateDict({ w: { ...tensor, strides: [0, 1] } }), '"w" is not stored row by row'],
    ["a view beyond its storage", stateDict({ w: { ...tensor, start: 1 } }), '"w" needs elements 1 to 7', "has 6"],
    [
      "a storage that lies about its size",
      stateDict({ w: { ...tensor, elements: 5, shape: [5] } }),
      '"w" should have 5 elements',
    ],
    ["a storage that is not there", stateDict({ w: { ...tensor, storage: "1" } }), '"w" has no data', "data/1"],
    ["a storage in another place", stateDict({ w: { ...tensor, storage: "../data.pkl" } }), '"w" has no data'],
    ["a negative size", stateDict({ w: { ...tensor, shape: [-1] } }), "rebuilds a tensor from something else"],
    ["a negative offset", stateDict({ w: { ...tensor, start: -1 } }), "rebuilds a tensor from something else"],
    [
      "an impossible shape",
      stateDict({ w: { ...tensor, shape: [2 ** 40, 2 ** 40], strides: [1, 1] } }),
      "impossible shape",
    ],
    ["a storage of unknown type", stateDict({ w: { ...tensor, type: "QInt8Storage" } }), '"torch.QInt8Storage"'],
    ["no dictionary", pickle.of(pickledTensor(tensor)), "state dict"],
    ["no tensors", pickle.of(pickle.dictionary({ epoch: pickle.whole(3) })), "state dict"],
    [
      "a dictionary within",
      pickle.of(pickle.dictionary({ model: pickle.dictionary({ w: pickledTensor(tensor) }) })),
      "state dict",
    ],
    ["a dictionary of itself", pickle.of(Buffer.from("}q\0X\x01\0\0\0ah\0s")), "state dict"],
    [
      "a persistent id that is no storage",
      pickle.of(Buffer.concat([pickle.text("0"), Buffer.from("Q")])),
      "tensor's storage",
    ],
    ["a call of what is no function", pickle.of(pickle.call(pickle.text("f"))), "what is no function"],
    [
      "a call without arguments",
      pickle.of(Buffer.concat([pickle.global("collections", "OrderedDict"), Buffer.from("NR")])),
      "arguments",
    ],
    ["items for a list", pickle.of(Buffer.from("]X\x01\0\0\0aNs")), "something else than a dictionary"],
    ["appending to a dictionary", pickle.of(Buffer.from("}Na")), "something else than a list"],
    [
      "attributes for a tensor",
      pickle.of(Buffer.concat([pickledTensor(tensor), Buffer.from("}b")])),
      "sets attributes",
    ],
    ["a huge text", pickle.of(Buffer.from("X\xff\xff\xff\xffa", "latin1")), "breaks off"],
    ["a longer text still", pickle.of(Buffer.from("\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "latin1")), "breaks off"],
    ["a huge number", pickle.of(Buffer.from("\x8a\xff", "latin1")), "number of 255 bytes"],
    [
      "a number beyond exactness",
      pickle.of(Buffer.from("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "latin1")),
      "has the number",
    ],
    ["a value never stored", pickle.of(Buffer.from("j\xff\xff\xff\xff", "latin1")), "recalls value 4294967295"],
    ["deep nesting", pickle.of(Buffer.alloc(1_100_000, "(")), "nests too deep"],
    [
      "nested tuples",
      pickle.of(Buffer.concat([Buffer.from(")"), Buffer.alloc(2_100_000, 0x85)])),
      "more objects than any model",
    ],
    ["a full stack", pickle.of(Buffer.alloc(1_100_000, "N")), "fills its stack"],
    ["an empty stack", pickle.of(Buffer.from("")), "empty stack"],
    ["a value below the mark", pickle.of(Buffer.from("}(sN")), "empty stack"],
    ["no mark", pickle.of(Buffer.from("Nt")), "misses a mark"],
    ["no end", Buffer.from([0x80, 2, 0x4e]), "breaks off"],
    ["no line feed", Buffer.from("cos"), "breaks off"],
    ["a new protocol", Buffer.from([0x80, 6]), "protocol newer than 5"],
    ["an extension's code", pickle.of(Buffer.from([0x82, 1])), "instruction 130"],
    ["objects by their class", pickle.of(Buffer.from([0x29, 0x81])), "instruction 129"],
    ["nothing", Buffer.alloc(0), "breaks off"],
  ];
  test.each(bad)("with %s", async (_, bytes, ...parts) => {
    await refused(await torchFolder(bytes, [storageEntry("0", 24)]), ...parts);
  });

  test("with the largest memo index use no more memory than with a small one", async () => {
    const before = process.memoryUsage().rss;
    const tensors = pickle.dictionary({ w: pickledTensor({ storage: "0", elements: 6, shape: [6] }) });
    const folder = await torchFolder(pickle.of(Buffer.concat([tensors, Buffer.from("r\xff\xff\xff\xff", "latin1")])), [
      storageEntry("0", 24),
    ]);
    expect((await openCheckpoint(folder)).weights.size).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  test("that repeat one long list of sizes do not take their product in time", async () => {
    const list = Buffer.concat([Buffer.from("]q\x01("), Buffer.alloc(900_000, "K\x01"), Buffer.from("e0")]);
    const storage = pickle.tuple(
      pickle.text("storage"),
      pickle.global("torch", "FloatStorage"),
      pickle.text("0"),
      pickle.text("cpu"),
      pickle.whole(6),
    );
    const prepared = Buffer.concat([
      list,
      storage,
      Buffer.from("Qq\x020"),
      pickle.global("torch._utils", "_rebuild_tensor_v2"),
      Buffer.from("q\x030"),
    ]);
    const call = Buffer.from("h\x03(h\x02K\0h\x01h\x01\x89)tR0", "latin1");
    await refused(
      await torchFolder(pickle.of(Buffer.concat([prepared, ...Array(100_000).fill(call)])), [storageEntry("0", 24)]),
      "rebuilds a tensor",
    );
  });
});
