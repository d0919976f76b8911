load helper

@test "counts lines by level, most first, ties by name" {
  run "$logcut" count app.log
  [ "$status" -eq 0 ]
  [ "$output" = "2 INFO
1 ERROR
1 FATAL
1 WARN" ]
}

@test "shows errors with what belongs to them" {
  run "$logcut" errors app.log
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 3 ]
  [ "${lines[1]}" = "  at write" ]
  [ "${lines[2]}" = "2026-04-01T10:20:00 FATAL gone" ]
}

@test "shows lines since a time" {
  run "$logcut" since 2026-04-01T10:14:59 app.log
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 2 ]
  [ "${lines[0]}" = "2026-04-01T10:15:00 INFO done" ]
}

@test "a file that is not there exits 2" {
  run "$logcut" count gone.log
  [ "$status" -eq 2 ]
  [ "$output" = "logcut: no file gone.log" ]
}

@test "wrong usage exits 64" {
  for arguments in "" "count" "since app.log" "unknown app.log" "count app.log more"; do
    # shellcheck disable=SC2086
    run "$logcut" $arguments
    [ "$status" -eq 64 ]
  done
}
