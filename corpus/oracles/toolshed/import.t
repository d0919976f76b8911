t_zz_import() {
  stock
  printf '# tools\r\nrake,Leaf rake, wide\r\n\r\nfork,  Garden fork \n' >"$TOOLSHED/in"
  exits 0 on 2026-03-01 import "$TOOLSHED/in"
  is "$said" "2 tools added"
  is "$(on 2026-03-01 list | sed -n '1p;3p')" "fork         Garden fork
rake         Leaf rake, wide"
  exits 0 on 2026-03-01 lend rake Ida
}

t_zz_all_or_nothing() {
  stock
  printf 'saw,Saw\nspade,Another\nsaw,Second\nBad,Name\nhoe\nhoe,\naxe,Axe' >"$TOOLSHED/in"
  before=$(cat "$TOOLSHED/tools.tsv")
  exits 1 on 2026-03-01 import "$TOOLSHED/in"
  is "$said" "toolshed: $TOOLSHED/in:2: spade is there already
toolshed: $TOOLSHED/in:3: saw is there already
toolshed: $TOOLSHED/in:4: Bad is not an ID
toolshed: $TOOLSHED/in:5: no name
toolshed: $TOOLSHED/in:6: no name"
  is "$(cat "$TOOLSHED/tools.tsv")" "$before"
  is "$(ls "$TOOLSHED")" "in
loans.tsv
tools.tsv"
  exits 1 on 2026-03-01 import "$TOOLSHED/none"
  is "$said" "toolshed: can not read $TOOLSHED/none"
  exits 64 on 2026-03-01 import
}

t_zz_into_an_empty_shed() {
  mkdir -p "$TOOLSHED"
  printf 'saw,Saw' >"$TOOLSHED/in"
  exits 0 on 2026-03-01 import "$TOOLSHED/in"
  is "$(on 2026-03-01 list)" "saw          Saw"
}
