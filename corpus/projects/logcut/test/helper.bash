setup() {
  logcut="$BATS_TEST_DIRNAME/../bin/logcut"
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >app.log <<'LOG'
2026-04-01T10:00:00 INFO started
2026-04-01T10:05:00 ERROR no disk
  at write
2026-04-01T10:10:00 WARN slow
2026-04-01T10:15:00 INFO done
2026-04-01T10:20:00 FATAL gone
LOG
}
