#!/usr/bin/env bash
# Writes .env for docker-compose.yml: .env.example with a fresh secret wherever one is empty. What .env has stays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

umask 077
[[ -e .env ]] || cp .env.example .env
chmod 600 .env
# 32 random bytes, as letters and digits.
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

while read -r name; do
  if grep -q "^$name=\$" .env; then
    sed -i "s/^$name=\$/$name=$(secret)/" .env
  elif ! grep -q "^$name=" .env; then
    echo "$name=$(secret)" >>.env
  fi
done < <(sed -n 's/^\([A-Z_]*\)=$/\1/p' .env.example)
echo "Secrets are in .env. Next: docker compose up --build --detach"
