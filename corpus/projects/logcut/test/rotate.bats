load helper

@test "the newest is number 1 and an empty file is left" {
  run "$logcut" rotate 3 app.log
  [ "$status" -eq 0 ]
  [ "$(wc -l <app.log.1)" -eq 6 ]
  [ -f app.log ] && [ ! -s app.log ]
}

@test "keeps no more than asked for" {
  for turn in 1 2 3 4; do
    echo "$turn" >app.log
    "$logcut" rotate 2 app.log
  done
  [ "$(cat app.log.1)" = 4 ]
  [ "$(cat app.log.2)" = 3 ]
  [ ! -e app.log.3 ]
}

@test "keeps at least one" {
  for count in 0 -1 two ""; do
    run "$logcut" rotate "$count" app.log
    [ "$status" -eq 64 ]
  done
  [ "$(wc -l <app.log)" -eq 6 ]
}
