/**
 * Installs Debian's Slurm for test/engine/jobs, where apt and its rights are at hand: `node test/support/installSlurm.mjs`.
 * It starts nothing. Safe to run again; it ends within five minutes.
 */
import { execFileSync, spawnSync } from "node:child_process";

const packages = ["slurmctld", "slurmd", "slurm-client", "munge"];
const programs = ["slurmctld", "slurmd", "sbatch", "munged"];
const isThere = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function install() {
  if (programs.every(isThere)) return;
  if (process.platform !== "linux" || !isThere("apt-get")) throw new Error("they need Debian's packages");
  if (process.getuid() !== 0) throw new Error(`only root can install ${packages.join(", ")}`);
  console.error("Installing Slurm (slurmctld, slurmd, slurm-client, munge) for the tests of jobs…");
  const apt = (...args) =>
    execFileSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1", ...args], {
      // Its services are not started: each test starts daemons of its own and ends them.
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
      stdio: ["ignore", 2, 2],
      timeout: 5 * 60_000,
      killSignal: "SIGKILL",
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
}

try {
  install();
} catch (error) {
  // Without them `npm test` still says of everything else whether it holds, and names what it skipped and why.
  console.error(`The tests of jobs on Slurm cannot run here: ${error.message.split("\n")[0]}.`);
}
