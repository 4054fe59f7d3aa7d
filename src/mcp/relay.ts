/**
 * `node relay.js PATH`: joins this process's stdin and stdout to a local socket, behind which the editor serves the
 * tools. An agent's program starts it as it would any server, and so works on the edits that the sidebar shows.
 */
import { connect } from "node:net";

const socket = connect(process.argv[2] ?? "");
socket.on("connect", () => {
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
});
socket.on("error", ({ message }) => {
  process.stderr.write(`The editor does not answer: ${message}. Open the window again in which ROME runs.\n`);
  process.exitCode = 1;
});
