#!/usr/bin/env bash
# Does with docker-compose.yml what a person would: starts it, replays recorded runs into it, and looks whether alerts come out - on the
# topic and in Prometheus, the same as a backtest finds - and still come out once when the service is killed. Leaves nothing behind.
#
#   compose-smoke.sh         in the engine of engine.sh; the service must be packaged (mvn package)
#
# Grafana is left out: its image cannot be made here. Its dashboard's queries are run on the stack's Prometheus instead.
set -euo pipefail
# shellcheck source=deploy/test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
use_engine
engine_answers || fail "the engine of $here/engine.sh is not up; run 'deploy/test/engine.sh start' first"
compgen -G "$project/examples/runs/*.jsonl" >/dev/null || fail "no recorded run in examples/runs to replay"
compgen -G "$project/commands/target/gradwatch-commands-*.jar" >/dev/null || fail "nothing to put into the image; run 'mvn -DskipTests package' first"
cd "$project"

export COMPOSE_PROJECT_NAME=gradwatch-smoke COMPOSE_ANSI=never
read -r KAFKA_PORT REGISTRY_PORT HTTP_PORT PROMETHEUS_PORT ALERTMANAGER_PORT < <(python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
print(*(each.getsockname()[1] for each in held))')
export KAFKA_PORT REGISTRY_PORT HTTP_PORT PROMETHEUS_PORT ALERTMANAGER_PORT
logs=$project/target/compose-smoke
rm -rf "$logs"
mkdir -p "$logs"

# shellcheck disable=SC2317  # called by the trap
tidy() {
  local code=$?
  docker compose logs --no-color >"$logs/compose.log" 2>&1 || true
  if [ $code -ne 0 ]; then
    docker compose ps --all || true
    docker compose logs --no-color --tail 40 gradwatch topics || true
  fi
  docker compose --profile '*' down --volumes --remove-orphans --timeout 20 >"$logs/down.log" 2>&1 || true
}
trap tidy EXIT

# Repeats a command until it succeeds; prints its last output when it never does.
within() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@" >"$logs/within.out" 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what: not within $seconds s: $(tail -c 2000 "$logs/within.out")"
    sleep 1
  done
  say "ok: $what"
}

# The runs that the project ships; the same as if they still went on, whose alerts stay open; and both under other names, for a second time
# that is new to the service.
mkdir -p "$logs/runs/first" "$logs/runs/second"
cp examples/runs/*.jsonl "$logs/runs/first/"
python3 - "$logs/runs" <<'END'
import json, pathlib, sys

first = pathlib.Path(sys.argv[1]) / "first"


def renamed(run, prefix, folder, without=()):
    header, _, records = run.read_text().partition("\n")
    named = {key: value for key, value in json.loads(header).items() if key not in without}
    named["run_id"] = prefix + str(named.get("run_id") or named.get("trace") or run.stem)
    (folder / (prefix + run.name)).write_text(json.dumps(named) + "\n" + records)


for run in sorted(first.glob("*.jsonl")):
    renamed(run, "open-", first, without=("finished", "records"))
for run in sorted(first.glob("*.jsonl")):
    renamed(run, "second-", first.parent / "second")
END
gradwatch() { docker compose run --rm -T --no-deps --volume "$logs/runs:/runs:ro" gradwatch "$@"; }

# All that the topic holds, a JSON object for each moment of an alert. Silence is measured by the clock on the wall: not here.
alerts() { gradwatch alerts --json --from-beginning --until-now 2>>"$logs/alerts.err" | grep -v '"detector":"silent-run"'; }
# What an alert is told apart by, without its moments.
identities() { python3 -c '
import json, sys
print(*sorted({"{run} {attempt} {detector} {id}".format(**json.loads(line)) for line in sys.stdin}), sep="\n")'; }
prometheus() { curl -fsS --get "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/query" --data-urlencode "query=$1"; }
# How many events the service has taken in since it started.
reading() { curl -fsS "http://127.0.0.1:$HTTP_PORT/metrics" | awk '/^gradwatch_events_total/ {n += $NF} END {print n + 0}'; }
finds() { prometheus "$1" | grep -q '"value":'; }

mapfile -t services < <(docker compose config --services | grep -v '^grafana$')
for image in $(docker compose config --images "${services[@]}" | sort -u); do
  case $image in gradwatch/*) ;; *) docker image inspect "$image" >/dev/null || fail "image $image is missing; run 'deploy/test/images.sh' first" ;; esac
done

# The containers run as other users, and a checkout may be closed to them.
chmod -R a+rX deploy "$logs"
docker compose build --quiet gradwatch
say "image of the service: $(docker image inspect --format '{{.Size}}' gradwatch/gradwatch:0.1.0-SNAPSHOT | awk '{printf "%d MB, user ", $1 / 1e6}')$(docker image inspect --format '{{.Config.User}}' gradwatch/gradwatch:0.1.0-SNAPSHOT)"

begun=$SECONDS
docker compose up --wait --wait-timeout 300 "${services[@]}" >"$logs/up.log" 2>&1 || fail "docker compose up --wait: $(tail -20 "$logs/up.log")"
say "ok: docker compose up --wait: ${#services[@]} services healthy after $((SECONDS - begun)) s (without grafana, whose image cannot be made here)"

expect() {
  gradwatch backtest --json "$@" >"$logs/backtest.jsonl" 2>"$logs/backtest.err" || fail "gradwatch backtest: $(tail -20 "$logs/backtest.err")"
  identities <"$logs/backtest.jsonl" | grep -v ' silent-run ' >"$logs/expected.txt" || fail "a backtest of examples/runs finds nothing, so nothing can be expected of the service"
}
replay() {
  gradwatch replay --quiet "$@" >"$logs/replay.out" 2>&1 || fail "gradwatch replay: $(tail -20 "$logs/replay.out")"
  say "ok: $(tail -1 "$logs/replay.out")"
}
same_as_backtest() { alerts | identities >"$logs/found.txt" && diff "$logs/expected.txt" "$logs/found.txt"; }

expect /runs/first
replay /runs/first
within 120 "the alerts on the topic are those of a backtest: $(wc -l <"$logs/expected.txt")" same_as_backtest
cut -d' ' -f3 "$logs/found.txt" | sort | uniq -c | awk '{printf "    %s %d\n", $2, $1}'

java -cp 'commands/target/lib/*' deploy/test/PoisonRecord.java "127.0.0.1:$KAFKA_PORT" gradwatch.training-events.v1 >"$logs/poison.out" 2>&1 ||
  fail "could not publish from outside the containers: $(tail -20 "$logs/poison.out")"
say "ok: published a record that nobody can decode, from outside the containers"

within 60 "Prometheus scrapes the service" finds 'up{job="gradwatch"} == 1'
within 60 "Prometheus has counted the alerts" finds 'sum(gradwatch_alerts_opened_total) > 0'
rules_loaded() { curl -fsS "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/rules" | grep -q '"name":"GradwatchCriticalAlert"'; }
within 30 "Prometheus has loaded the rules" rules_loaded
routed() { curl -fsS "http://127.0.0.1:$ALERTMANAGER_PORT/api/v2/alerts" | grep -q "\"alertname\":\"$1\""; }
within 60 "the rule on critical alerts has fired and reached Alertmanager" routed GradwatchCriticalAlert
within 60 "the rule on dead letters has fired and reached Alertmanager" routed GradwatchDeadLetters
deploy/test/check_dashboards.py --prometheus "http://127.0.0.1:$PROMETHEUS_PORT" deploy/grafana/dashboards/*.json || fail "a panel of a dashboard shows nothing"

# An unclean stop in the middle of the work, as by the kernel or a lost node; then everything once more, as from publishers that are not sure.
# By its id: Compose would kill the replay with it, which runs in a container of the same service.
service=$(docker compose ps --quiet gradwatch)
begun_at=$(reading)
gradwatch replay --quiet /runs/second >"$logs/replay.out" 2>&1 &
replaying=$!
deadline=$((SECONDS + 60))
while [ "$(reading)" = "$begun_at" ]; do [ $SECONDS -lt $deadline ] || fail "no event of a second replay is read within 60 s"; done
docker kill --signal KILL "$service" >"$logs/kill.log" 2>&1
wait "$replaying" || fail "gradwatch replay: $(tail -20 "$logs/replay.out")"
docker compose up --wait --wait-timeout 120 "${services[@]}" >"$logs/up-again.log" 2>&1 || fail "the service did not come back after a kill: $(tail -20 "$logs/up-again.log")"
expect /runs/first /runs/second
within 120 "killed in the middle of a replay and started again, the alerts are those of a backtest: $(wc -l <"$logs/expected.txt")" same_as_backtest

alerts | sort >"$logs/before.jsonl"
replay /runs/first /runs/second
within 120 "everything replayed once more is read to its end" finds \
  'sum(gradwatch_events_ignored_total) > 0 and on () absent(kafka_consumer_fetch_manager_records_lag{topic=~".*training-events.*"} > 0)'
alerts | sort >"$logs/after.jsonl"
diff "$logs/before.jsonl" "$logs/after.jsonl" >"$logs/difference.txt" || fail "the same events once more gave other alerts: $(head -c 2000 "$logs/difference.txt")"
[ -z "$(uniq -d "$logs/after.jsonl")" ] || fail "these alerts are on the topic twice: $(uniq -d "$logs/after.jsonl" | head -c 2000)"
say "ok: no alert is on the topic twice"

begun=$SECONDS
docker compose stop --timeout 40 gradwatch >/dev/null 2>&1
code=$(docker inspect --format '{{.State.ExitCode}}' "$(docker compose ps --all --quiet gradwatch)")
case $code in 0 | 130 | 143) say "ok: the service stopped in $((SECONDS - begun)) s with exit code $code" ;; *) fail "the service stopped with exit code $code" ;; esac
