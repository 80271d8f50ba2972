#!/usr/bin/env bash
# Makes every image that docker-compose.yml, the service's Dockerfile and the Testcontainers tests name, under its public name, from Debian
# packages and Maven artefacts, for machines that reach no image registry. So all three run as they are. Grafana's image cannot be made this way.
#
#   images.sh            makes those that are missing in the engine of engine.sh
#   images.sh kafka      only what the Testcontainers tests need
set -euo pipefail
# shellcheck source=deploy/test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
use_engine
engine_answers || fail "the engine of $here/engine.sh is not up; run 'deploy/test/engine.sh start' first"

# Only ever in the engine of our own: under public names these would mislead on a machine that can pull the real ones.
have() { docker image inspect "$1" >/dev/null 2>&1; }

# Whether the image is there and made of what its folder holds now.
current() {
  [ "$(docker image inspect --format '{{index .Config.Labels "dev.gradwatch.made-of"}}' "$2" 2>/dev/null)" = "$(contents "$1")" ]
}
contents() { find "$here/images/$1" "$here/images/pom.xml" -type f -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-16; }

maven() { mvn -B -q -ntp -f "$here/images/pom.xml" "$@" >"$W/maven.log" 2>&1 || fail "Maven: $(tail -20 "$W/maven.log")"; }

# A build folder with the image's own files; what is big is added by the caller.
context() {
  rm -rf "$W/build/$1"
  mkdir -p "$W/build"
  cp -r "$here/images/$1" "$W/build/$1"
}

build() {
  local name=$1 tag=$2
  shift 2
  docker build --quiet --tag "$tag" --label "dev.gradwatch.made-of=$(contents "$name")" "$@" "$W/build/$name" >"$W/build/$name.log" 2>&1 || fail "image $tag: $(tail -20 "$W/build/$name.log")"
  say "made $tag"
}

base() {
  have debian:bookworm-slim && return
  if ! [ -f "$W/rootfs.tar" ]; then
    local mirror
    mirror=$(cat "$W"/apt/parts/* | sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' | head -1)
    rm -rf "$W/rootfs"
    debootstrap --variant=minbase bookworm "$W/rootfs" ${mirror:+"$mirror"} >"$W/debootstrap.log" 2>&1 || fail "debootstrap: $(tail -5 "$W/debootstrap.log")"
    tar -C "$W/rootfs" -cf "$W/rootfs.tar.part" . && mv "$W/rootfs.tar.part" "$W/rootfs.tar"
    rm -rf "$W/rootfs"
  fi
  docker import "$W/rootfs.tar" debian:bookworm-slim >/dev/null
  say "made debian:bookworm-slim"
}

jre() {
  current jre eclipse-temurin:17-jre && return
  base
  context jre
  build jre eclipse-temurin:17-jre --network=host
}

kafka() {
  local tag
  tag=apache/kafka:$(version_of kafka)
  current kafka "$tag" && return
  jre
  context kafka
  maven dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$W/build/kafka/libs"
  build kafka "$tag"
}

apicurio() {
  local version tag
  version=$(version_of apicurio)
  tag=apicurio/apicurio-registry:$version
  current apicurio "$tag" && return
  jre
  context apicurio
  mkdir "$W/build/apicurio/app"
  maven dependency:copy -Dartifact="io.apicurio:apicurio-registry-app:$version:tar.gz:all" -DoutputDirectory="$W/build/apicurio-release"
  tar -xzf "$W/build/apicurio-release/apicurio-registry-app-$version-all.tar.gz" -C "$W/build/apicurio/app"
  build apicurio "$tag"
}

prometheus() {
  local tag
  tag=$(pinned_image prom/prometheus)
  current prometheus "$tag" && return
  jre
  context prometheus
  cp "$W/tools/root/usr/bin/prometheus" "$W/tools/root/usr/bin/promtool" "$W/build/prometheus/"
  build prometheus "$tag"
}

alertmanager() {
  local tag
  tag=$(pinned_image prom/alertmanager)
  current alertmanager "$tag" && return
  jre
  context alertmanager
  cp "$W/tools/root/usr/bin/prometheus-alertmanager" "$W/build/alertmanager/alertmanager"
  cp "$W/tools/root/usr/bin/amtool" "$W/build/alertmanager/"
  cp -rL "$W/tools/root/usr/share/prometheus/alertmanager" "$W/build/alertmanager/share"
  build alertmanager "$tag"
}

if [ $# -eq 0 ]; then set -- kafka apicurio prometheus alertmanager; fi
for image in "$@"; do
  case $image in
    base | jre | kafka | apicurio | prometheus | alertmanager) "$image" ;;
    *) fail "no such image: $image" ;;
  esac
done
