/** Imports point one way: extension, cli → engine → protocol; webview → protocol; all → text. `npm run lint` checks it. */
const only = (folder, allowed) => ({
  name: `${folder}-imports`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: [`^src/${folder}/`, ...allowed.map((name) => `^src/${name}/`)] },
});
/** Layers of the engine, lowest first: each may import those before it. */
const layers = ["checkpoint", "graph", "architectures", "model", "rome", "edits", "experiment", "trace", "evaluate"];
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "vscode-only-in-extension",
      severity: "error",
      from: { pathNot: "^src/extension/" },
      to: { path: "^vscode$" },
    },
    only("protocol", []),
    only("text", []),
    only("engine", ["protocol", "text"]),
    only("cli", ["engine/tasks", "engine/run", "protocol", "text"]),
    only("webview", ["protocol", "text"]),
    only("extension", ["protocol", "text"]),
    ...layers.map((layer, depth) => ({
      name: `engine-${layer}-depends-down`,
      severity: "error",
      from: { path: `^src/engine/${layer}/` },
      to: {
        path:
          layers
            .slice(depth + 1)
            .map((above) => `^src/engine/${above}/`)
            .join("|") || "^$",
      },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^dist/" },
  },
};
