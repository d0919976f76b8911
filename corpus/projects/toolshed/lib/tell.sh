# What is told from the books.

tell_list() {
  awk -F '\t' '
    FILENAME == ARGV[1] { if ($5 == "-") { who[$1] = $2; due[$1] = $4 } next }
    { printf "%-12s %s%s\n", $1, $2, ($1 in who) ? " (" who[$1] ", due " due[$1] ")" : "" }
  ' "$loans" "$tools" | sort
}

tell_overdue() {
  awk -F '\t' -v today="$today" '$5 == "-" && $4 < today { print $4 "\t" $1 "\t" $2 }' "$loans" | sort |
    while IFS=$tab read -r due id member; do
      late=$(between "$due" "$today")
      printf '%s %s: %s days late, %s\n' "$id" "$member" "$late" "$(fee_of "$late")"
    done
}

tell_history() {
  name_of "$1" >/dev/null || refuse "no tool $1"
  awk -F '\t' -v id="$1" '$1 == id { print $3, ($5 == "-" ? "          " : $5), $2 }' "$loans"
}

tell_report() {
  case $1 in
    [0-9][0-9][0-9][0-9]-0[1-9] | [0-9][0-9][0-9][0-9]-1[0-2]) ;;
    *) usage ;;
  esac
  awk -F '\t' -v month="$1" '
    FILENAME == ARGV[1] { name[$1] = $2; next }
    substr($3, 1, 7) == month { loans += 1; times[$1] += 1; if (!seen[$2]++) members += 1 }
    END {
      printf "%s: %d loans to %d members\n", month, loans, members
      for (id in times) printf "%4d %s\n", times[id], name[id] | "sort -k1,1nr -k2"
    }
  ' "$tools" "$loans"
}
