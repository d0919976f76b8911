// Package row knows rows: each bell once, in the order in which they sound.
package row

import (
	"errors"
	"fmt"
	"strings"
)

// Names are what bells are called, the treble first.
const Names = "1234567890ET"

// Bounds of a row.
const (
	Fewest = 3
	Most   = len(Names)
)

// ErrRow is at the root of every error about a row.
var ErrRow = errors.New("not a row")

// Row holds the bells, counted from 0, by place.
type Row []int

// Rounds is the row that goes down the ring.
func Rounds(bells int) Row {
	r := make(Row, bells)
	for i := range r {
		r[i] = i
	}
	return r
}

// Parse reads a row such as 21435.
func Parse(text string) (Row, error) {
	if len(text) < Fewest || len(text) > Most {
		return nil, fmt.Errorf("%w: %q has %d bells", ErrRow, text, len(text))
	}
	r := make(Row, len(text))
	seen := make([]bool, len(text))
	for place, name := range text {
		bell := strings.IndexRune(Names, name)
		if bell < 0 || bell >= len(text) {
			return nil, fmt.Errorf("%w: %q has no bell %q", ErrRow, text, name)
		}
		if seen[bell] {
			return nil, fmt.Errorf("%w: %q has %q twice", ErrRow, text, name)
		}
		seen[bell] = true
		r[place] = bell
	}
	return r, nil
}

// String writes the row with the names of its bells.
func (r Row) String() string {
	var b strings.Builder
	for _, bell := range r {
		b.WriteByte(Names[bell])
	}
	return b.String()
}

// Equal says whether two rows are the same.
func (r Row) Equal(other Row) bool {
	if len(r) != len(other) {
		return false
	}
	for i, bell := range r {
		if other[i] != bell {
			return false
		}
	}
	return true
}

// IsRounds says whether the row goes down the ring.
func (r Row) IsRounds() bool {
	for i, bell := range r {
		if i != bell {
			return false
		}
	}
	return true
}

// Odd says whether the row is an odd number of swaps away from rounds.
func (r Row) Odd() bool {
	odd := false
	seen := make([]bool, len(r))
	for i := range r {
		for j := i; !seen[j]; j = r[j] {
			seen[j] = true
			if r[j] != i {
				odd = !odd
			}
		}
	}
	return odd
}

// Over applies the row to another: place i gets what r calls for.
func (r Row) Over(start Row) Row {
	next := make(Row, len(r))
	for i, bell := range r {
		next[i] = start[bell]
	}
	return next
}
