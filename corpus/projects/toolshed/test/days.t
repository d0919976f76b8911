. "$root/lib/days.sh"

t_days_are_numbered() {
  is "$(between 2026-02-28 2026-03-01)" 1
  is "$(between 2024-02-28 2024-03-01)" 2
  is "$(between 2026-12-31 2027-01-01)" 1
  is "$(between 2026-03-10 2026-03-01)" -9
  is "$(between 2000-01-01 2100-01-01)" 36525
}

t_later_days() {
  is "$(later 2026-02-27 2)" 2026-03-01
  is "$(later 2024-02-27 2)" 2024-02-29
  is "$(later 2026-12-20 14)" 2027-01-03
  is "$(later 1900-02-28 1)" 1900-03-01
}

t_days_that_there_are() {
  for day in 2026-01-31 2024-02-29 2000-02-29; do
    is_day "$day" || fault "$day is a day"
  done
  for day in 2026-02-29 2026-04-31 2026-13-01 2026-00-10 2026-1-1 tomorrow ""; do
    ! is_day "$day" || fault "$day is no day"
  done
}

t_counts() {
  for count in 1 9 60; do
    is_count "$count" 1 60 || fault "$count is a count"
  done
  for count in 0 61 -1 1.5 1000 two ""; do
    ! is_count "$count" 1 60 || fault "$count is no count"
  done
}
