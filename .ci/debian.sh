#!/usr/bin/env bash
# Debian packages that some tests need, installed where that is permitted; said loudly where not.
# Those tests are then skipped, which CI does not accept.
set -euo pipefail

missing=()
for package in "$@"; do
  [ "$package" = chromium ] && [ -n "${CHROMIUM:-}" ] && continue
  [ "$package" = firefox-esr ] && [ -n "${FIREFOX:-}" ] && continue
  case "$package" in golang-go) tool=go ;; nodejs) tool=node ;; *) tool=$package ;; esac
  command -v "$tool" >/dev/null && continue # from wherever it is
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" \
    || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get -qq update || true
  if $sudo apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null; then
    exit 0
  fi
fi
echo "NOT INSTALLED: ${missing[*]}: the tests that need them are skipped" >&2
[ "${CI:-}" != true ]
