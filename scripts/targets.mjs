/** VS Code's platforms for which onnxruntime-node has a library. Intel Macs have none since onnxruntime 1.24. */
export const targets = {
  "linux-x64": "linux/x64",
  "linux-arm64": "linux/arm64",
  "darwin-arm64": "darwin/arm64",
  "win32-x64": "win32/x64",
  "win32-arm64": "win32/arm64",
};
