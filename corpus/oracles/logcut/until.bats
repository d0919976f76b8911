load helper

@test "held out: lines before a time" {
  run "$logcut" until 2026-04-01T10:10:00 app.log
  [ "$status" -eq 0 ]
  [ "$output" = "2026-04-01T10:00:00 INFO started
2026-04-01T10:05:00 ERROR no disk
  at write" ]
  run "$logcut" until 2026-04-01T10:00:00 app.log
  [ "$output" = "" ]
  run "$logcut" until 2026-04-01T10:20:01 app.log
  [ "${#lines[@]}" -eq 6 ]
  run "$logcut" until 2026-04-01T10:10:00 gone.log
  [ "$status" -eq 2 ]
  run "$logcut" until app.log
  [ "$status" -eq 64 ]
}
