t_zz_rules() {
  stock
  printf '# ours\n\ncents=50\nfree=0\nmost=175\n' >"$TOOLSHED/rules"
  for tool in spade mower shears; do on 2026-03-01 lend $tool Ida 5 >/dev/null; done
  is "$(on 2026-03-08 overdue | head -n 1)" "mower Ida: 2 days late, 1.00"
  exits 0 on 2026-03-07 back spade
  is "$said" "to pay 0.50"
  exits 0 on 2026-04-07 back mower
  is "$said" "to pay 1.75"
  printf 'free=10' >"$TOOLSHED/rules"
  exits 0 on 2026-03-17 back shears
  is "$said" "to pay 0.20"
}

t_zz_rules_that_are_not_known() {
  stock
  for line in grace=3 cents= cents=-1 cents=1.5 cents 5 most=x; do
    printf 'free=1\n%s\n' "$line" >"$TOOLSHED/rules"
    exits 1 on 2026-03-01 list
    is "$said" "toolshed: rules:2: do not know $line"
  done
}
