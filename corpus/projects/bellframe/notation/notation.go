// Package notation reads place notation.
package notation

import (
	"fmt"
	"sort"
	"strings"

	"bellframe/row"
)

// Change is the order in which the places of a row are taken for the next one.
type Change = row.Row

// Error says where a notation can not be read.
type Error struct {
	Text, Problem string
}

func (e *Error) Error() string {
	return fmt.Sprintf("notation %q: %s", e.Text, e.Problem)
}

// Parse reads the changes of a lead on so many bells.
func Parse(bells int, text string) ([]Change, error) {
	var all []Change
	sides := strings.Split(text, ",")
	if len(sides) > 2 {
		return nil, &Error{text, "more than one comma"}
	}
	for _, side := range sides {
		changes, err := parseSide(bells, side)
		if err != nil {
			return nil, err
		}
		if len(sides) == 2 {
			changes = mirrored(changes)
		}
		all = append(all, changes...)
	}
	return all, nil
}

// mirrored goes through the changes and back, the last one once.
func mirrored(changes []Change) []Change {
	for i := len(changes) - 2; i >= 0; i-- {
		changes = append(changes, changes[i])
	}
	return changes
}

func parseSide(bells int, side string) ([]Change, error) {
	var changes []Change
	spaced := strings.NewReplacer("x", ".x.", "-", ".x.").Replace(strings.TrimSpace(side))
	for _, word := range strings.FieldsFunc(spaced, func(r rune) bool { return r == '.' }) {
		change, err := ParseChange(bells, word)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	if len(changes) == 0 {
		return nil, &Error{side, "no changes"}
	}
	return changes, nil
}

// ParseChange reads one change: x, or the places that are made. Places at the ends may be left out.
func ParseChange(bells int, word string) (Change, error) {
	made := make([]bool, bells)
	if word == "x" {
		if bells%2 == 1 {
			return nil, &Error{word, "x needs an even number of bells"}
		}
		word = ""
	}
	var places []int
	for _, name := range word {
		place := strings.IndexRune(row.Names, name)
		if place < 0 || place >= bells {
			return nil, &Error{word, fmt.Sprintf("no place %c on %d bells", name, bells)}
		}
		places = append(places, place)
	}
	if !sort.IntsAreSorted(places) {
		return nil, &Error{word, "places must rise"}
	}
	for _, place := range places {
		made[place] = true
	}
	if len(places) > 0 && places[0]%2 == 1 {
		made[0] = true
	}
	if len(places) > 0 && (bells-1-places[len(places)-1])%2 == 1 {
		made[bells-1] = true
	}
	change := row.Rounds(bells)
	for i := 0; i < bells; i++ {
		if made[i] {
			continue
		}
		if i+1 == bells || made[i+1] {
			return nil, &Error{word, fmt.Sprintf("place %c has no partner", row.Names[i])}
		}
		change[i], change[i+1] = i+1, i
		i++
	}
	return change, nil
}
