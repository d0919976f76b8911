# What changes the books. Called with the lock held.

tab=$(printf '\t')
longest=60

do_add() {
  id=$1
  shift
  case $id in
    -* | *[!a-z0-9-]*) refuse "$id is not an ID" ;;
  esac
  case "$*" in
    *"$tab"*) refuse "a name has no tabs" ;;
  esac
  ! name_of "$id" >/dev/null || refuse "$id is there already"
  printf '%s\t%s\n' "$id" "$*" >>"$tools"
}

do_lend() {
  days=${3-14}
  is_count "$days" 1 "$longest" || refuse "a loan takes 1 to $longest days"
  name_of "$1" >/dev/null || refuse "no tool $1"
  case $2 in
    '' | *"$tab"*) refuse "who borrows it?" ;;
  esac
  if held=$(loan_of "$1"); then
    refuse "$1 is with ${held%%"$tab"*}"
  fi
  due=$(later "$today" "$days")
  printf '%s\t%s\t%s\t%s\t-\n' "$1" "$2" "$today" "$due" >>"$loans"
  echo "due $due"
}

do_back() {
  held=$(loan_of "$1") || refuse "$1 is not lent"
  due=${held##*"$tab"}
  rewrite "$loans" -F '\t' -v OFS='\t' -v id="$1" -v back="$today" '
    $1 == id && $5 == "-" { $5 = back }
    { print }'
  fee=$(fee_of "$(between "$due" "$today")")
  [ "$fee" = 0.00 ] || echo "to pay $fee"
}

# fee_of DAYS-LATE
fee_of() {
  awk -v late="$1" 'BEGIN {
    cents = (late > 3 ? late - 3 : 0) * 20
    if (cents > 1500) cents = 1500
    printf "%d.%02d\n", cents / 100, cents % 100
  }'
}

do_extend() {
  is_count "$2" 1 "$longest" || refuse "a loan takes 1 to $longest days"
  held=$(loan_of "$1") || refuse "$1 is not lent"
  due=${held##*"$tab"}
  out=${held#*"$tab"}
  out=${out%%"$tab"*}
  [ "$(between "$due" "$today")" -le 0 ] || refuse "$1 is overdue"
  due=$(later "$due" "$2")
  [ "$(between "$out" "$due")" -le "$longest" ] || refuse "$1 would be away for more than $longest days"
  rewrite "$loans" -F '\t' -v OFS='\t' -v id="$1" -v due="$due" '
    $1 == id && $5 == "-" { $4 = due }
    { print }'
  echo "due $due"
}
