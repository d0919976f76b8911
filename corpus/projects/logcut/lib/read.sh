# shellcheck shell=bash
# Reading logs. A line without a time belongs to the line before it.

# A pattern of awk for lines with a time.
TIMED='^[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+ '

# Lines by level, most first, ties by name.
count_levels() {
  awk -v timed="$TIMED" '$0 ~ timed { count[$2]++ } END { for (level in count) print count[level], level }' "$1" |
    sort -k1,1nr -k2,2
}

# Only lines of ERROR and FATAL with what belongs to them.
error_lines() {
  awk -v timed="$TIMED" '$0 ~ timed { show = ($2 == "ERROR" || $2 == "FATAL") } show' "$1"
}

# Lines at or after a time with what belongs to them.
lines_since() {
  awk -v timed="$TIMED" -v since="$1" '$0 ~ timed { show = ($1 > since) } show' "$2"
}
