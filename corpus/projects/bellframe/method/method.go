// Package method rings leads and courses.
package method

import (
	"fmt"

	"bellframe/notation"
	"bellframe/row"
)

// Method is a way of ringing, by its changes in one lead.
type Method struct {
	Name   string
	Bells  int
	Lead   []notation.Change
	Bob    []notation.Change
	Single []notation.Change
}

// New reads the notations of a method. Calls may be empty: then the method has none.
func New(name string, bells int, lead, bob, single string) (*Method, error) {
	if bells < row.Fewest || bells > row.Most {
		return nil, fmt.Errorf("%s: %d bells can not be rung", name, bells)
	}
	m := &Method{Name: name, Bells: bells}
	for _, part := range []struct {
		text string
		to   *[]notation.Change
	}{{lead, &m.Lead}, {bob, &m.Bob}, {single, &m.Single}} {
		if part.text == "" && part.to != &m.Lead {
			continue
		}
		changes, err := notation.Parse(bells, part.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		*part.to = changes
	}
	if len(m.Bob) >= len(m.Lead) || len(m.Single) >= len(m.Lead) {
		return nil, fmt.Errorf("%s: a call is longer than the lead", name)
	}
	return m, nil
}

// Changes are those of a lead whose end is replaced by a call; nil is no call.
func (m *Method) Changes(call []notation.Change) []notation.Change {
	kept := m.Lead[:len(m.Lead)-len(call)]
	return append(append([]notation.Change{}, kept...), call...)
}

// Ring applies changes one after another: the rows after start.
func Ring(start row.Row, changes []notation.Change) []row.Row {
	rows := make([]row.Row, 0, len(changes))
	for _, c := range changes {
		start = c.Over(start)
		rows = append(rows, start)
	}
	return rows
}

// Course rings plain leads until rounds come at the end of one.
func (m *Method) Course() []row.Row {
	var rows []row.Row
	at := row.Rounds(m.Bells)
	for {
		lead := Ring(at, m.Lead)
		rows = append(rows, lead...)
		at = lead[len(lead)-1]
		if at.IsRounds() {
			return rows
		}
	}
}

// LeadHeads are the rows at the ends of the plain course's leads.
func (m *Method) LeadHeads() []row.Row {
	var heads []row.Row
	for i, r := range m.Course() {
		if (i+1)%len(m.Lead) == 0 {
			heads = append(heads, r)
		}
	}
	return heads
}
