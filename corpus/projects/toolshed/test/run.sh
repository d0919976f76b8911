#!/bin/sh
# Runs the functions t_... of the files given.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
failed=0

for file in "$@"; do
  for name in $(sed -n 's/^\(t_[a-z0-9_]*\)() {$/\1/p' "$file"); do
    number=$((number + 1))
    if (
      TOOLSHED=$scratch/$number
      export TOOLSHED root
      . "$root/test/lib.sh"
      . "./$file"
      "$name"
      [ "$faults" -eq 0 ]
    ); then
      echo "ok $number - $file $name"
    else
      echo "not ok $number - $file $name"
      failed=$((failed + 1))
    fi
  done
done

echo "1..$number"
echo "# $failed failed"
[ "$number" -gt 0 ] && [ "$failed" -eq 0 ]
