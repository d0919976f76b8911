t_locked_books_are_not_written() {
  stock
  mkdir "$TOOLSHED/lock"
  TOOLSHED_TRIES=2
  export TOOLSHED_TRIES
  exits 75 on 2026-03-01 lend spade Ida
  is "$said" "toolshed: the books are locked"
  [ -d "$TOOLSHED/lock" ] || fault "the lock of another is gone"
  is "$(on 2026-03-01 history spade)" ""
}

t_the_lock_goes_with_the_command() {
  stock
  exits 1 on 2026-03-01 lend rake Ida
  [ ! -e "$TOOLSHED/lock" ] || fault "a lock is left"
  [ ! -e "$TOOLSHED/loans.tsv.new" ] || fault "a file is left"
}

t_writers_wait_for_each_other() {
  stock
  for n in 1 2 3 4 5 6; do
    on 2026-03-01 add "pot-$n" "Pot $n" &
  done
  wait
  is "$(on 2026-03-01 list | grep -c Pot)" 6
}

t_usage() {
  exits 64 "$root/bin/toolshed"
  exits 64 "$root/bin/toolshed" --today
  exits 64 on 2026-02-30 list
  for words in lose add "add spade" lend "lend spade" "lend spade Ida 3 4" back "extend spade" "list all" "history a b" report; do
    # shellcheck disable=SC2086
    exits 64 on 2026-03-01 $words
  done
}
