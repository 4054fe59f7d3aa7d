import { median } from "./statistics.mjs";

const digits = (value) => Number(value.toPrecision(3)).toString();
const row = (cells) => `| ${cells.join(" | ")} |`;
const percent = (value) => (Number.isFinite(value) ? `${Math.round(100 * value)} %` : "–");
const megabytes = (bytes) => `${Math.round(bytes / 1e6).toLocaleString("en")} MB`;

/** What the machine can do: the better of the measurements before and after. */
function best(limits) {
  const most = (pick) => Math.max(...limits.map(pick));
  const rows = Object.keys(limits[0].sgemm).map(Number);
  const sgemm = Object.fromEntries(rows.map((n) => [n, most((limit) => limit.sgemm[n])]));
  return {
    /** Between two measured numbers of rows by their logarithms. */
    sgemm(n) {
      const above = rows.findIndex((each) => each >= n);
      if (above <= 0) return sgemm[above === 0 ? rows[0] : rows.at(-1)];
      const [low, high] = [rows[above - 1], rows[above]];
      const share = Math.log(n / low) / Math.log(high / low);
      return sgemm[low] ** (1 - share) * sgemm[high] ** share;
    },
    rates: sgemm,
    read: most(({ readBytesPerSecond }) => readBytesPerSecond),
    cast: most(({ castElementsPerSecond }) => castElementsPerSecond),
  };
}

/** The figures of bench/gptj.mjs as Markdown. */
export function gptjTable(result) {
  const { machine, limits, cold, warm, token, edit, record, batches, covariance, cancels, group } = result;
  const lines = [
    `${result.date}, ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${result.layers} layers, ${result.contexts} contexts, ${result.steps} steps, completions of ${result.tokens} tokens.`,
    "",
  ];
  const limit = limits.length > 0 ? best(limits) : undefined;
  if (limit) {
    lines.push(row(["what this machine can do (onnxruntime, best of many)", ""]), row(["---", "---"]));
    for (const [n, rate] of Object.entries(limit.rates))
      lines.push(row([`float product, ${n} rows at width 4096`, `${digits(rate / 1e9)} GFLOP/s`]));
    lines.push(
      row(["reading float weights for one row", `${digits(limit.read / 1e9)} GB/s`]),
      row(["casting stored fp16 weights to float", `${digits(limit.cast / 1e9)} billion a second`]),
      "",
    );
  }
  const load = [edit, record, token].flatMap((phase) => (phase ? [phase.load] : []));
  if (load.length > 0)
    lines.push(
      `Load average of the machine meanwhile: ${digits(Math.min(...load))} to ${digits(Math.max(...load))} (an idle machine that runs only this: about ${machine.cores}).`,
      "",
    );
  lines.push(
    row(["phase", "runs", "seconds, median", "least", "share of the limit, best (median)"]),
    row(["---", "---", "---", "---", "---"]),
    row(["ready, file not in the page cache", 1, digits(cold.ready), "", ""]),
    row(["ready, page cache warm", 1, digits(warm.ready), "", ""]),
  );
  const phase = (name, entries, share) => {
    if (entries.length === 0) return;
    const times = entries.map(({ seconds }) => seconds);
    lines.push(
      row([name, entries.length, digits(median(times)), digits(Math.min(...times)), limit ? share(entries) : ""]),
    );
  };
  /** The best share of a limit, and the middle one. */
  const shares = (entries, rate) => {
    const each = entries.map(rate);
    const [most, middle] = [percent(Math.max(...each)), percent(median(each))];
    return entries.length > 1 ? `${most} (${middle})` : most;
  };
  const ofSgemm = (entries) => {
    const tokens = [...new Set(entries.map((entry) => entry.tokens))].sort((a, b) => a - b);
    const rate = ({ flop, tokens, seconds }) => flop / seconds / limit.sgemm(tokens);
    return `${shares(entries, rate)} of sgemm at ${tokens.join(", ")} rows`;
  };
  const ofReading = (entries) => {
    const rate = ({ elements, seconds }) => elements / seconds / limit.cast;
    const times = entries.map(({ elements, seconds }) => (seconds * limit.read) / (2 * elements));
    return `${digits(Math.min(...times))} × reading the weights; casts at ${shares(entries, rate)} of their rate`;
  };
  const of = (answer, kind, more = () => true) =>
    answer?.entries.filter((entry) => entry.kind === kind && more(entry)) ?? [];
  if (edit) {
    const passes = [token, edit].flatMap((answer) => of(answer, "generate"));
    phase(
      "tokens: a pass for one",
      passes.filter(({ tokens }) => tokens === 1),
      ofReading,
    );
    phase(
      "tokens: a pass for one and what is drafted after it",
      passes.filter(({ tokens }) => tokens > 1),
      ofReading,
    );
    const said = of(edit, "generate");
    const seconds = said.reduce((sum, pass) => sum + pass.seconds, 0);
    // Of both completions, the first token comes with the prompt.
    const each = digits(seconds / (2 * (result.tokens - 1)));
    lines.push(row(["edit: all tokens, before and after", said.length, digits(seconds), "", `${each} s a token`]));
    const reads = of(edit, "read");
    const layersBelow = Math.min(...reads.map(({ elements }) => elements));
    phase(
      "edit: up to the edited layer",
      reads.filter(({ elements }) => elements === layersBelow),
      () => "",
    );
    const steps = of(edit, "solve");
    phase(
      "edit: a step of the solve, there and back",
      steps.filter(({ ways }) => ways === 2),
      ofSgemm,
    );
    phase(
      "edit: the last step, there alone",
      steps.filter(({ ways }) => ways === 1),
      ofSgemm,
    );
    phase(
      "edit: prompts and contexts, all layers",
      reads.filter(({ elements }) => elements > layersBelow),
      ofSgemm,
    );
    const made = of(edit, "make").reduce((sum, { seconds }) => sum + seconds, 0);
    lines.push(row(["edit: making its sessions (once a process)", 1, digits(made), "", ""]));
    lines.push(row(["**the whole edit**", 1, `**${digits(edit.seconds)}**`, "", ""]));
  }
  if (record) lines.push(row([`recording ${record.recorded} names`, 1, digits(record.seconds), "", ""]));
  for (const { count, ...batch } of batches ?? [])
    phase(
      `a step there and back, ${count} name${count > 1 ? "s" : ""} as one batch`,
      of(batch, "solve", ({ ways }) => ways === 2),
      (entries) =>
        [
          `${digits(median(entries.map(({ seconds }) => seconds)) / count)} s a name`,
          ofSgemm(entries),
          megabytes(batch.peakAnonymous),
        ].join("; "),
    );
  if (covariance) {
    const { size, tokens, counting, factoring, reading } = covariance;
    lines.push(
      row([`covariance, ${size.toLocaleString("en")} components: ${tokens} tokens`, 1, digits(counting), "", ""]),
      row([
        "covariance: factored and stored (once)",
        1,
        digits(factoring),
        "",
        `${digits(size ** 3 / 3e9 / factoring)} GFLOP/s in double`,
      ]),
      row(["covariance: the factor read again", 1, digits(reading), "", ""]),
    );
  }
  lines.push("");
  if (edit)
    lines.push(
      `Peak anonymous memory: ready ${megabytes(warm.peakAnonymous)}, a token ${megabytes(token.peakAnonymous)}, the edit ${megabytes(edit.peakAnonymous)}.`,
    );
  if (covariance) lines.push(`Peak anonymous memory of the covariance: ${megabytes(covariance.peakAnonymous)}.`);
  if (group)
    lines.push(
      `Memory cgroup of ${digits(group.limit / 2 ** 30)} GiB${group.swapLimited ? ", swap included" : ""}: peak ${megabytes(group.peak)} with the page cache (${megabytes(group.cache)} at the end), ${megabytes(group.swap)} swapped, ${group.killed} processes killed for memory.`,
    );
  for (const { phase, seconds, code } of cancels ?? [])
    lines.push(`Ctrl-C in the phase "${phase}": the command ended after ${seconds.toFixed(2)} s with code ${code}.`);
  return lines.join("\n");
}
