// Package touch rings compositions and proves them.
package touch

import (
	"fmt"

	"bellframe/method"
	"bellframe/row"
)

// Ring rings a lead for each letter of calls: p, b or s.
func Ring(m *method.Method, calls string) ([]row.Row, error) {
	if calls == "" {
		return nil, fmt.Errorf("there are no calls")
	}
	var rows []row.Row
	at := row.Rounds(m.Bells)
	for i, letter := range calls {
		changes := m.Changes(nil)
		switch letter {
		case 'p':
		case 'b':
			changes = m.Changes(m.Bob)
		case 's':
			changes = m.Changes(m.Single)
		default:
			return nil, fmt.Errorf("call %d: %q is none of p, b and s", i+1, letter)
		}
		if (letter == 'b' && m.Bob == nil) || (letter == 's' && m.Single == nil) {
			return nil, fmt.Errorf("call %d: %s has no %q", i+1, m.Name, letter)
		}
		lead := method.Ring(at, changes)
		rows = append(rows, lead...)
		at = lead[len(lead)-1]
	}
	return rows, nil
}

// Repeat is a row that came before.
type Repeat struct {
	Row           row.Row
	First, Second int
}

// Proof is what is known of a touch.
type Proof struct {
	Rows     int
	Repeats  []Repeat
	Complete bool
}

// True says whether no row comes twice.
func (p Proof) True() bool { return len(p.Repeats) == 0 }

// Prove looks for rows that come twice, in the order in which they come again.
func Prove(rows []row.Row) Proof {
	proof := Proof{Rows: len(rows)}
	seen := make(map[string]int, len(rows))
	for i, r := range rows {
		key := r.String()
		if first, ok := seen[key]; ok {
			proof.Repeats = append(proof.Repeats, Repeat{r, first, i})
			continue
		}
		seen[key] = i
	}
	proof.Complete = len(rows) > 0 && rows[len(rows)-1].IsRounds()
	return proof
}
