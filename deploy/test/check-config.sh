#!/usr/bin/env bash
# Checks what Prometheus, Alertmanager and Grafana are given, with their own tools and without starting them.
set -euo pipefail
# shellcheck source=deploy/test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
mkdir -p "$W"
"$here/tools.sh"
export PATH="$W/tools/bin:$PATH"
cd "$project/deploy"

promtool check config prometheus/prometheus.yml
promtool test rules prometheus/rules_test.yml
amtool check-config alertmanager/alertmanager.yml
"$here/check_dashboards.py" --promtool "$W/tools/bin/promtool" grafana/dashboards/*.json

# A rule without a test of its own would pass above.
missing=0
while read -r rule; do
  grep -q "alertname: $rule\b" prometheus/rules_test.yml || { say "rule $rule has no test in prometheus/rules_test.yml"; missing=1; }
done < <(sed -n 's/^ *- alert: *//p' prometheus/rules.yml)
[ "$missing" = 0 ]
