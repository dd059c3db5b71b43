#!/usr/bin/env bash
# Makes the README's pictures, docs/report-light.png and docs/report-dark.png, of a run's report: docs/pictures.sh RUN
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
report=$(readlink -f "${1:?docs/pictures.sh: name a run}/report.html")
[ -f "$report" ] || { echo "docs/pictures.sh: no $report" >&2; exit 1; }
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
for scheme in light dark; do
  # Blink's numbers for what a page is told to prefer.
  [ $scheme = dark ] && number=0 || number=1
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" --window-size=1100,755 \
    --blink-settings=preferredColorScheme=$number --screenshot="$here/report-$scheme.png" "file://$report" 2>"$profile/log" ||
    { cat "$profile/log" >&2; exit 1; }
done
