# Helpers of the tests. Each test runs in a shell and a shed of its own.

faults=0

fault() {
  faults=$((faults + 1))
  printf '    %s\n' "$@"
}

# is GOT WANT
is() {
  [ "$1" = "$2" ] || fault "got:  $1" "want: $2"
}

# exits STATUS COMMAND...: what it says stays in $said.
exits() {
  want=$1
  shift
  code=0
  said=$("$@" 2>&1) || code=$?
  [ "$code" -eq "$want" ] || fault "exit $code, not $want: $*" "$said"
}

# on DAY COMMAND...: toolshed on a day.
on() {
  day=$1
  shift
  "$root/bin/toolshed" --today "$day" "$@"
}

stock() {
  on 2026-03-01 add spade "Long spade"
  on 2026-03-01 add mower "Hand mower"
  on 2026-03-01 add shears "Hedge shears"
}
