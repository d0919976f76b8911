package ledger

import (
	"fmt"
	"io"
	"time"
)

// Statement writes the postings of one account between two days with its running balance.
// What was posted before the first day is carried forward.
func Statement(w io.Writer, postings []Posting, account string, from, to time.Time) error {
	var balance Cents
	var rows []Posting
	for _, p := range postings {
		if p.Account != account {
			continue
		}
		if p.Day.Before(from) {
			balance += p.Amount
			continue
		}
		if p.Day.Before(to) {
			rows = append(rows, p)
		}
	}
	if _, err := fmt.Fprintf(w, "%-10s %10s %10s\n", "forward", "", balance); err != nil {
		return err
	}
	for _, p := range rows {
		balance += p.Amount
		if _, err := fmt.Fprintf(w, "%-10s %10s %10s\n", p.Day.Format(Layout), p.Amount, balance); err != nil {
			return err
		}
	}
	return nil
}
