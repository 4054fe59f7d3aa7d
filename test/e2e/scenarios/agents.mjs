/** An agent's program, with the official client, works on the edits that the sidebar shows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { project } from "../paths.mjs";
import { complete, flipped } from "./steps.mjs";

const prompt = "Name: Oscar. Gender:";

export const agentScenarios = [
  {
    name: "an agent flips a name, the sidebar shows it, and the agent undoes it",
    async run(bench) {
      // The editor asks the extension for its server by itself; this workbench has no list of servers to open.
      const path = () => /Agents use the tools at (\S+)\.$/m.exec(bench.log())?.[1];
      await bench.until("the tools are served", async () => path() !== undefined);
      const client = new Client({ name: "end-to-end", version: "1" });
      const args = [join(project, "dist/relay.js"), path()];
      await client.connect(new StdioClientTransport({ command: process.execPath, args }));
      try {
        const call = async (name, given) => {
          const { content, isError } = await client.callTool({ name, arguments: given });
          assert.ok(!isError, content[0].text);
          return JSON.parse(content[0].text);
        };
        const [flip] = await call("flip", { names: ["Oscar"] });
        assert.equal(flip.on, true);
        await flipped(bench, "Oscar");
        assert.equal(await complete(bench, prompt), flip.to);
        assert.ok((await call("list_edits", {})).some(({ name, on }) => name === "Oscar" && on));
        await call("undo", { ids: [flip.id] });
        assert.equal(await complete(bench, prompt), flip.from);
        assert.match((await call("complete", { prompt })).completion, new RegExp(`^ ${flip.from}`));
      } finally {
        await client.close();
      }
    },
  },
];
