t_list() {
  stock
  on 2026-03-01 lend mower Bo 7 >/dev/null
  is "$(on 2026-03-01 list)" "mower        Hand mower (Bo, due 2026-03-08)
shears       Hedge shears
spade        Long spade"
}

t_overdue() {
  stock
  on 2026-03-05 lend mower Bo 1 >/dev/null
  on 2026-03-01 lend spade Ida 2 >/dev/null
  on 2026-03-01 lend shears Kim 9 >/dev/null
  is "$(on 2026-03-10 overdue)" "spade Ida: 7 days late, 0.80
mower Bo: 4 days late, 0.20"
  is "$(on 2026-03-03 overdue)" ""
}

t_history() {
  stock
  on 2026-03-01 lend spade Ida >/dev/null
  on 2026-03-04 back spade
  on 2026-03-05 lend spade Bo >/dev/null
  on 2026-03-05 lend mower Kim >/dev/null
  is "$(on 2026-03-05 history spade)" "2026-03-01 2026-03-04 Ida
2026-03-05            Bo"
  exits 1 on 2026-03-05 history rake
}

t_report() {
  stock
  on 2026-03-30 lend spade Ida 1 >/dev/null
  on 2026-03-31 back spade
  on 2026-03-31 lend spade Bo >/dev/null
  on 2026-03-31 lend mower Ida >/dev/null
  on 2026-04-01 lend shears Ida >/dev/null
  on 2026-04-01 report 2026-03 >"$TOOLSHED/said"
  is "$(cat "$TOOLSHED/said")" "$(cat "$root/test/golden/report.txt")"
  is "$(on 2026-04-01 report 2026-02)" "2026-02: 0 loans to 0 members"
  exits 64 on 2026-04-01 report 2026-13
}
