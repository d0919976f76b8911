# Days: 2026-03-01 and numbers that can be added and subtracted.

is_day() {
  case $1 in
    [0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]) [ "$(day_of "$(number_of "$1")")" = "$1" ] ;;
    *) return 1 ;;
  esac
}

# Days since 1 March of the year 0.
number_of() {
  awk -v day="$1" 'BEGIN {
    split(day, part, "-")
    y = part[1] + 0; m = part[2] + 0; d = part[3] + 0
    if (m <= 2) { y -= 1; m += 12 }
    print 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 1
  }'
}

day_of() {
  awk -v n="$1" 'BEGIN {
    y = int((n * 400) / 146097) + 1
    while (365 * y + int(y / 4) - int(y / 100) + int(y / 400) > n) y -= 1
    n -= 365 * y + int(y / 4) - int(y / 100) + int(y / 400)
    m = int((5 * n + 2) / 153)
    d = n - int((153 * m + 2) / 5) + 1
    m += 3
    if (m > 12) { m -= 12; y += 1 }
    printf "%04d-%02d-%02d\n", y, m, d
  }'
}

# later DAY COUNT
later() {
  day_of $(($(number_of "$1") + $2))
}

# between FROM TO: how many days TO comes after FROM.
between() {
  echo $(($(number_of "$2") - $(number_of "$1")))
}

is_count() {
  case $1 in
    '' | *[!0-9]* | ????*) return 1 ;;
  esac
  [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}
