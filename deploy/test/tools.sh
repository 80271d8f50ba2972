#!/usr/bin/env bash
# Unpacks Docker Compose, Prometheus and Alertmanager from the packages of the Debian release after this one, next to the
# system and not into it: Debian bookworm has no Compose v2, and its Prometheus is older than the one docker-compose.yml pins.
# The mirror is the one that this machine's apt already uses.
set -euo pipefail
# shellcheck source=deploy/test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

packages=(docker-compose prometheus promtool prometheus-alertmanager)
bin=$W/tools/bin

[ -x "$bin/promtool" ] && [ -x "$bin/amtool" ] && [ -x "$W/client/cli-plugins/docker-compose" ] && exit 0

release=${CONTAINER_LANE_RELEASE:-trixie}
apt=$W/apt
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/packages" "$bin" "$W/client/cli-plugins"

codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")
# Both of apt's formats; only the main archive's entry, not the updates' and security's.
for list in /etc/apt/sources.list.d/*.sources; do
  [ -e "$list" ] || continue
  grep -v '^#' "$list" | awk -v RS= -v suite="$codename" '$0 ~ "Suites:[^\n]*[ ]" suite "([ \n]|$)" { print; print "" }' |
    sed "s/^Suites:.*/Suites: $release/"
done >"$apt/parts/tools.sources"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -e "$list" ] || continue
  sed -n "s/^\(deb .*\) $codename \(.*\)/\1 $release \2/p" "$list"
done >"$apt/parts/tools.list"
[ -s "$apt/parts/tools.sources" ] || [ -s "$apt/parts/tools.list" ] || fail "no apt source of $codename found to derive $release from"

options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::State::lists=$apt/lists"
  -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none)
apt-get "${options[@]}" -qq update >"$apt/log" 2>&1 || fail "no package lists of $release: $(tail -3 "$apt/log")"
(cd "$apt/packages" && apt-get "${options[@]}" -qq download "${packages[@]}" >>"$apt/log" 2>&1) ||
  fail "could not fetch ${packages[*]} of $release: $(tail -3 "$apt/log")"
for package in "$apt"/packages/*.deb; do dpkg-deb -x "$package" "$W/tools/root"; done
for tool in prometheus promtool prometheus-alertmanager amtool; do ln -sf "$W/tools/root/usr/bin/$tool" "$bin/$tool"; done
ln -sf "$W/tools/root/usr/libexec/docker/cli-plugins/docker-compose" "$W/client/cli-plugins/docker-compose"
say "tools: compose $(dpkg-deb -f "$apt"/packages/docker-compose_*.deb Version), prometheus $(dpkg-deb -f "$apt"/packages/prometheus_*.deb Version)," \
  "alertmanager $(dpkg-deb -f "$apt"/packages/prometheus-alertmanager_*.deb Version)"
