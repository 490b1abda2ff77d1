#!/usr/bin/env bash
# Checks the formatting, builds with warnings as errors and runs every test project.
#   ./test.sh          a few minutes
#   ./test.sh --long   random searches run twenty times as long
# The last line is the total: N passed, N failed. A step that fails counts as one failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Debian packages that the tests need: ONNX Runtime's native library is C++; the servers that the cluster's tests run on;
# what runs clients of others, the browser that the page is tried in. Where Node.js is not Debian's it brings npm with it, and
# Debian's would push it out.
packages=(libstdc++6 redis-server rabbitmq-server radosgw ceph-mon ceph-osd ceph-base ceph-common curl nodejs chromium)

results=artifacts/test-results
passed=0 failed=0 skipped=0 failures=()

total() {
  local status=$?
  ((status == 0 || failed > 0)) || failed=1
  ((passed > 0 || failed > 0)) || failed=1
  ((${#failures[@]} == 0)) || printf '  %s\n' 'failed:' "${failures[@]}"
  printf '\n%d passed, %d failed' "$passed" "$failed"
  ((skipped == 0)) || printf ', %d skipped' "$skipped"
  printf '\n'
  ((failed == 0)) || exit 1
}

die() {
  echo "$*" >&2
  exit 1
}

install_packages() {
  command -v dpkg-query >/dev/null || return 0
  command -v npm >/dev/null || packages+=(npm)
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  echo "Installing ${missing[*]}"
  local sudo=()
  ((EUID == 0)) || sudo=(sudo)
  "${sudo[@]}" apt-get update -q
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Adds the outcome of one run from its results file; no file means that the run itself broke.
count() {
  local counters
  counters=$(grep -o '<Counters [^>]*' "$1" 2>/dev/null) || counters='failed="1"'
  value() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<" $counters" | grep . || echo 0; }
  passed=$((passed + $(value passed)))
  failed=$((failed + $(value failed) + $(value error)))
  skipped=$((skipped + $(value total) - $(value executed)))
  # Named again at the end with what they said: of a long log often only the end is kept.
  mapfile -t -O "${#failures[@]}" failures < <(
    awk -v RS='</UnitTestResult>' '
      match($0, /testName="[^"]*"[^>]*outcome="Failed"/) {
        name = substr($0, RSTART + 10); sub(/".*/, "", name); print name
        if (match($0, /<Message>.*<\/StackTrace>/)) {
          lines = split(substr($0, RSTART, RLENGTH), said, "\n")
          for (i = 1; i <= lines && i <= 16; i++) { gsub(/<[^>]*>/, "", said[i]); print "    " substr(said[i], 1, 300) }
        }
      }' "$1" 2>/dev/null
  )
}

trap total EXIT

case "${1:-}" in
  '') ;;
  --long) export KONTEXT_TEST_LONG=1 ;;
  *) die "usage: ./test.sh [--long]" ;;
esac

command -v dotnet >/dev/null || die "There is no dotnet here: install the .NET 10 SDK, https://dot.net/download."
dotnet --version >/dev/null || die "This dotnet does not have the SDK that global.json asks for."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
install_packages

dotnet tool restore >/dev/null
dotnet csharpier check . || failed=$((failed + 1))
dotnet build Kontext.Distributed.sln --configuration Release --verbosity quiet

rm -rf "$results"
mkdir -p "$results"
for project in tests/*/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  # A failed test makes the run fail; its results file says how many. Signals as they come: what a script starts in the background
  # ignores interrupts, and so would every command under test.
  env --default-signal dotnet "tests/$name/bin/Release/net10.0/$name.dll" -noColor -noLogo -showLiveOutput -result-trx "$results/$name.trx" || true
  count "$results/$name.trx"
done
