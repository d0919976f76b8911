t_add() {
  exits 0 on 2026-03-01 add spade Long spade
  is "$(on 2026-03-01 list)" "spade        Long spade"
  exits 1 on 2026-03-01 add spade Another
  is "$said" "toolshed: spade is there already"
  for id in Spade "the spade" -spade; do
    exits 1 on 2026-03-01 add "$id" Name
    is "$said" "toolshed: $id is not an ID"
  done
}

t_lend() {
  stock
  exits 0 on 2026-03-01 lend spade Ida
  is "$said" "due 2026-03-15"
  exits 0 on 2026-03-01 lend mower Bo 60
  is "$said" "due 2026-04-30"
  exits 1 on 2026-03-02 lend spade Bo
  is "$said" "toolshed: spade is with Ida"
  exits 1 on 2026-03-02 lend rake Bo
  is "$said" "toolshed: no tool rake"
  exits 1 on 2026-03-02 lend shears Bo 61
  is "$said" "toolshed: a loan takes 1 to 60 days"
  exits 1 on 2026-03-02 lend shears ""
}

t_back_in_time() {
  stock
  on 2026-03-01 lend spade Ida 5 >/dev/null
  exits 0 on 2026-03-09 back spade
  is "$said" ""
  exits 1 on 2026-03-09 back spade
  is "$said" "toolshed: spade is not lent"
  exits 0 on 2026-03-09 lend spade Bo
}

t_back_late() {
  stock
  on 2026-03-01 lend spade Ida 5 >/dev/null
  exits 0 on 2026-03-10 back spade
  is "$said" "to pay 0.20"
  on 2026-03-10 lend spade Ida 5 >/dev/null
  exits 0 on 2026-06-06 back spade
  is "$said" "to pay 15.00"
}

t_extend() {
  stock
  on 2026-03-01 lend spade Ida 5 >/dev/null
  exits 0 on 2026-03-06 extend spade 10
  is "$said" "due 2026-03-16"
  exits 0 on 2026-03-06 extend spade 45
  is "$said" "due 2026-04-30"
  exits 1 on 2026-03-06 extend spade 1
  is "$said" "toolshed: spade would be away for more than 60 days"
  exits 1 on 2026-05-01 extend spade 1
  is "$said" "toolshed: spade is overdue"
  exits 1 on 2026-03-06 extend mower 1
  is "$said" "toolshed: mower is not lent"
}
