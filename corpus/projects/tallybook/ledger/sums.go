package ledger

import (
	"fmt"
	"sort"
	"time"
)

// Balance is the sum of one account.
type Balance struct {
	Account string
	Amount  Cents
}

// Balances sums each account, in order of names. Accounts that come to zero are left out.
func Balances(postings []Posting) []Balance {
	sums := map[string]Cents{}
	for _, p := range postings {
		sums[p.Account] += p.Amount
	}
	var balances []Balance
	for account, amount := range sums {
		if amount != 0 {
			balances = append(balances, Balance{account, amount})
		}
	}
	sort.Slice(balances, func(i, j int) bool { return balances[i].Account < balances[j].Account })
	return balances
}

// UnbalancedError names a day whose postings do not add up to zero.
type UnbalancedError struct {
	Day time.Time
	Off Cents
}

func (e *UnbalancedError) Error() string {
	return fmt.Sprintf("%s is off by %s", e.Day.Format(Layout), e.Off)
}

// Check returns an *UnbalancedError for the first day that does not add up to zero.
func Check(postings []Posting) error {
	sums := map[time.Time]Cents{}
	var days []time.Time
	for _, p := range postings {
		if _, seen := sums[p.Day]; !seen {
			days = append(days, p.Day)
		}
		sums[p.Day] += p.Amount
	}
	sort.Slice(days, func(i, j int) bool { return days[i].Before(days[j]) })
	for _, day := range days {
		if sums[day] != 0 {
			return &UnbalancedError{day, sums[day]}
		}
	}
	return nil
}
