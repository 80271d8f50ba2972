#!/usr/bin/env bash
# Starts and stops a container engine of our own, apart from one that the machine may already run.
#
#   engine.sh start      installs what is missing (Debian, root), starts the engine, waits until it answers
#   engine.sh stop       stops it and removes its bridge
#   engine.sh status     says whether it answers
#   engine.sh env        prints the exports that a client needs:  eval "$(deploy/test/engine.sh env)"
#
# The engine changes no firewall rule, forwards nothing and publishes ports on loopback only.
set -euo pipefail
# shellcheck source=deploy/test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_engine() {
  local missing=() package
  for package in docker.io debootstrap iptables iproute2; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" = 0 ] || fail "these packages are missing and only root can install them: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$W/apt.log" 2>&1 ||
    fail "apt-get could not install ${missing[*]}: $(tail -3 "$W/apt.log")"
}

start() {
  mkdir -p "$W"
  install_engine
  "$here/tools.sh"
  use_engine
  if engine_answers; then
    say "engine already up: $(docker version --format '{{.Server.Version}}') at $socket"
    return
  fi
  # A bridge that was there before is somebody else's and stays.
  ip link show docker0 >/dev/null 2>&1 || touch "$W/bridge-is-ours"
  rm -f "$W/docker.pid"
  # The descriptors are closed so that a caller who reads our output through a pipe is not kept waiting.
  setsid /usr/sbin/dockerd --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --ip 127.0.0.1 \
    --storage-driver overlay2 --data-root "$W/engine" --exec-root "$W/exec" --pidfile "$W/docker.pid" \
    -H "unix://$socket" --group root </dev/null >"$W/dockerd.log" 2>&1 &
  local second
  for second in $(seq 60); do
    engine_answers && break
    sleep 1
  done
  engine_answers || fail "the container engine did not answer within 60 s: $(tail -5 "$W/dockerd.log")"
  say "engine up after ${second} s: $(docker version --format '{{.Server.Version}}') at $socket"
}

stop() {
  [ -f "$W/docker.pid" ] || { say "engine not running"; return; }
  local pid second
  pid=$(cat "$W/docker.pid")
  kill "$pid" 2>/dev/null || true
  for second in $(seq 30); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 1
  done
  kill -0 "$pid" 2>/dev/null && fail "the container engine (process $pid) did not stop within ${second} s"
  rm -f "$W/docker.pid"
  if [ -e "$W/bridge-is-ours" ]; then
    ip link del docker0 2>/dev/null || true
    rm -f "$W/bridge-is-ours"
  fi
  say "engine stopped"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status)
    engine_answers || { say "engine not running"; exit 1; }
    say "engine up at $socket"
    ;;
  env)
    say "export PATH='$W/tools/bin:/usr/bin:'\"\$PATH\" DOCKER_HOST='unix://$socket' DOCKER_CONFIG='$W/client' DOCKER_BUILDKIT=1"
    say "export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=localhost"
    ;;
  *) fail "usage: engine.sh start | stop | status | env" ;;
esac
