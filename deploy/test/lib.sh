# shellcheck shell=bash
# Where the container lane keeps its things, and how it talks. Sourced by the other scripts of this folder.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)

# Everything of ours outside the project lives here: engine, tools, image layers. Remove it to start from nothing.
W=${CONTAINER_LANE_DIR:-/var/tmp/gradwatch-container-lane}
socket=$W/docker.sock

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Versions come from the root pom, where all of them stand.
version_of() {
  sed -n "s|.*<$1.version>\(.*\)</$1.version>.*|\1|p" "$project/pom.xml" | head -1
}

# The name:tag that docker-compose.yml pins for an image.
pinned_image() {
  sed -n "s|^ *image: *\($1:[^ ]*\).*|\1|p" "$project/docker-compose.yml" | head -1
}

engine_answers() { [ -S "$socket" ] && DOCKER_HOST=unix://$socket timeout 10 docker version >/dev/null 2>&1; }

# Debian's own client knows BuildKit without a plugin; another client may stand before it on the path.
use_engine() {
  export PATH="$W/tools/bin:/usr/bin:$PATH" DOCKER_HOST=unix://$socket DOCKER_CONFIG=$W/client DOCKER_BUILDKIT=1
}
