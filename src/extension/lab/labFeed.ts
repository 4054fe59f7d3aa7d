import type { LabMessage } from "../../protocol/lab.ts";
import type { Reports } from "../experiment/reports.ts";
import type { Lab } from "./lab.ts";

/** What the lab's page is sent: the state each time, a large result once, when it is another one. */
export class LabFeed {
  readonly #sent = new Map<LabMessage["type"], unknown>();

  constructor(
    private readonly lab: Pick<Lab, "state" | "measurements" | "prompt">,
    private readonly reports: Pick<Reports, "report" | "source" | "pretrained">,
    private readonly post: (message: LabMessage) => void,
  ) {}

  /** The page is new and knows nothing: everything. */
  begin(): void {
    this.#sent.clear();
    this.update();
  }

  /** The state, and what is new among the large results. */
  update(): void {
    this.post(this.lab.state);
    const { report, source, pretrained } = this.reports;
    const { trace, lens, attribution, evaluation, layers, referee } = this.lab.measurements;
    this.#once(report ?? pretrained, { type: "report", report, source, pretrained });
    this.#once(trace.state, { type: "trace", trace: trace.state });
    this.#once(lens.state, { type: "lens", lens: lens.state });
    this.#once(attribution.state, { type: "attribution", attribution: attribution.state });
    this.#once(evaluation.state, { type: "evaluation", evaluation: evaluation.state });
    const prompt = this.lab.prompt.state;
    this.#once(prompt, { type: "prompt", prompt });
    this.#once(layers.state, { type: "layers", layers: layers.state });
    this.#once(referee.state, { type: "referee", referee: referee.state });
  }

  /** Large contents are replaced, never changed: the same object is the same content. */
  #once(content: unknown, message: LabMessage): void {
    if (this.#sent.get(message.type) === content) return;
    this.#sent.set(message.type, content);
    this.post(message);
  }
}
