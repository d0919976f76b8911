// Package music counts the rows that sound well.
package music

import (
	"bellframe/row"
)

// Kind is a sort of row that sounds well.
type Kind struct {
	Name string
	Is   func(row.Row) bool
}

// Kinds in the order in which they are told.
var Kinds = []Kind{
	{"rounds", row.Row.IsRounds},
	{"queens", isQueens},
	{"tittums", isTittums},
	{"back rounds", isBackRounds},
	{"roll-ups", isRollUp},
}

// Count counts the rows of each kind; every kind is in it.
func Count(rows []row.Row) map[string]int {
	found := make(map[string]int, len(Kinds))
	for _, kind := range Kinds {
		found[kind.Name] = 0
		for _, r := range rows {
			if kind.Is(r) {
				found[kind.Name]++
			}
		}
	}
	return found
}

// isQueens: the odd bells, then the even ones.
func isQueens(r row.Row) bool {
	odd := (len(r) + 1) / 2
	for i, bell := range r {
		want := 2 * i
		if i >= odd {
			want = 2*(i-odd) + 1
		}
		if bell != want {
			return false
		}
	}
	return true
}

// isTittums: the lower and the higher half, one of each in turn.
func isTittums(r row.Row) bool {
	half := (len(r) + 1) / 2
	for i, bell := range r {
		want := i / 2
		if i%2 == 1 {
			want += half
		}
		if bell != want {
			return false
		}
	}
	return true
}

func isBackRounds(r row.Row) bool {
	for i, bell := range r {
		if bell != len(r)-1-i {
			return false
		}
	}
	return true
}

// isRollUp: the last four bells come at the end, in order; rounds are none.
func isRollUp(r row.Row) bool {
	if len(r) < 5 || r.IsRounds() {
		return false
	}
	for i := len(r) - 4; i < len(r); i++ {
		if r[i] != i {
			return false
		}
	}
	return true
}
