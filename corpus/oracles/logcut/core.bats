load helper

@test "held out: core" {
  printf '%s\n' '2026-05-01T00:00:00 FATAL x' ' y' '2026-05-01T00:00:01 DEBUG z' '2026-05-01T00:00:02 DEBUG z' >b.log
  run "$logcut" count b.log
  [ "$output" = "2 DEBUG
1 FATAL" ]
  run "$logcut" errors b.log
  [ "${#lines[@]}" -eq 2 ]
  "$logcut" rotate 1 b.log
  [ "$(wc -l <b.log.1)" -eq 4 ] && [ ! -s b.log ]
  run "$logcut" errors none.log
  [ "$status" -eq 2 ]
}
