# The books: tools.tsv (id, name) and loans.tsv (id, member, out, due, back or -).

books_open() {
  shed=${TOOLSHED:-$HOME/.toolshed}
  mkdir -p "$shed"
  tools=$shed/tools.tsv
  loans=$shed/loans.tsv
  [ -f "$tools" ] || : >"$tools"
  [ -f "$loans" ] || : >"$loans"
}

# with_lock COMMAND...: runs it while no one else writes.
with_lock() {
  tries=0
  until mkdir "$shed/lock" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -ge "${TOOLSHED_TRIES:-50}" ]; then
      echo "toolshed: the books are locked" >&2
      exit 75
    fi
    sleep 0.1
  done
  trap 'rmdir "$shed/lock"' EXIT
  trap 'exit 130' INT TERM
  "$@"
}

name_of() {
  awk -F '\t' -v id="$1" '$1 == id { print $2; found = 1 } END { exit !found }' "$tools"
}

# The open loan of a tool: member, out and due.
loan_of() {
  awk -F '\t' -v id="$1" '$1 == id && $5 == "-" { print $2 "\t" $3 "\t" $4; found = 1 } END { exit !found }' "$loans"
}

# rewrite FILE AWK-ARGUMENTS...: replaces the file when awk succeeds.
rewrite() {
  file=$1
  shift
  awk "$@" "$file" >"$file.new"
  mv "$file.new" "$file"
}
