/** Imports point one way, types' imports too, and in no circle. `npm run lint` checks it; no file under src/ is left out. */
const paths = (folders) => folders.map((folder) => `^src/${folder}/`);
const none = "^$";
const only = (folder, allowed) => ({
  name: `${folder}-imports`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: paths([folder, ...allowed]) },
});
const folders = ["cli", "engine", "extension", "mcp", "protocol", "text", "webview"];
/** The engine's rooms, lowest first: each may import those before it. CONTRIBUTING says what each is for. */
const rooms = [
  "run",
  "files",
  "runtime",
  "report",
  "checkpoint",
  "graph",
  "numerics",
  "concept",
  "architectures",
  "gguf",
  "hub",
  "model",
  "rome",
  "edits",
  "trace",
  "lens",
  "attribute",
  "evaluate",
  "prepare",
  "experiment",
  "referee",
  "export",
  "jobs",
  "tasks",
  "server",
];
const engineRooms = rooms.map((room) => `engine/${room}`);
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "vscode-only-in-extension",
      severity: "error",
      from: { pathNot: "^src/extension/" },
      to: { path: "^vscode$" },
    },
    {
      name: "onnxruntime-behind-one-file",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/engine/runtime/onnxruntime\\.ts$" },
      to: { path: "(^|/)onnxruntime-(node|common)(/|$)" },
    },
    only("protocol", []),
    only("text", []),
    only("engine", ["protocol", "text"]),
    only("cli", ["engine/tasks", "mcp", "protocol", "text"]),
    // stdio.ts alone brings an engine; the editor serves the same tools over its own.
    only("mcp", ["engine/tasks", "engine/server", "protocol", "text"]),
    only("webview", ["protocol", "text"]),
    only("extension", ["mcp", "protocol", "text"]),
    {
      name: "views-import-no-commands",
      severity: "error",
      from: { path: "^src/extension/(views|resultsView|lab|editFiles)/" },
      to: { path: "^src/extension/commands/" },
    },
    {
      name: "commands-import-no-views",
      severity: "error",
      from: { path: "^src/extension/commands/" },
      to: { path: "^src/extension/(views|resultsView|lab|editFiles)/" },
    },
    {
      name: "ui-imports-no-views-and-no-commands",
      severity: "error",
      from: { path: "^src/extension/ui/" },
      to: { path: "^src/extension/(commands|views|resultsView|lab|editFiles)/" },
    },
    ...rooms.map((room, depth) => ({
      name: `engine-${room}-depends-down`,
      severity: "error",
      from: { path: `^src/engine/${room}/` },
      to: { path: paths(engineRooms.slice(depth + 1)).join("|") || none },
    })),
    {
      name: "every-file-in-a-room",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: paths([...folders.filter((folder) => folder !== "engine"), ...engineRooms]) },
    },
    {
      name: "no-file-outside-the-rooms",
      severity: "error",
      from: { path: "^src/", pathNot: paths([...folders.filter((folder) => folder !== "engine"), ...engineRooms]) },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^dist/" },
  },
};
