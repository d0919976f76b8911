load helper

@test "held out: the time itself counts" {
  run "$logcut" since 2026-04-01T10:15:00 app.log
  [ "${#lines[@]}" -eq 2 ]
  run "$logcut" since 2026-04-01T10:05:00 app.log
  [ "${#lines[@]}" -eq 5 ]
  [ "${lines[1]}" = "  at write" ]
  run "$logcut" since 2026-04-01T10:20:01 app.log
  [ "$output" = "" ]
}
