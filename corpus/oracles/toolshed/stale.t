t_zz_locks() {
  stock
  sh -c 'exit 0' &
  gone=$!
  wait "$gone"
  TOOLSHED_TRIES=3
  export TOOLSHED_TRIES
  mkdir "$TOOLSHED/lock"
  echo "$gone" >"$TOOLSHED/lock/pid"
  exits 0 on 2026-03-01 lend spade Ida
  [ ! -e "$TOOLSHED/lock" ] || fault "a lock is left"
  mkdir "$TOOLSHED/lock"
  echo $$ >"$TOOLSHED/lock/pid"
  exits 75 on 2026-03-01 lend mower Ida
  is "$(cat "$TOOLSHED/lock/pid")" $$
  : >"$TOOLSHED/lock/pid"
  exits 75 on 2026-03-01 lend mower Ida
  is "$(ls "$TOOLSHED")" "loans.tsv
lock
tools.tsv"
}
