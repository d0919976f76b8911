package notation_test

import (
	"errors"
	"strings"
	"testing"

	"bellframe/notation"
)

func joined(changes []notation.Change) string {
	var words []string
	for _, c := range changes {
		words = append(words, c.String())
	}
	return strings.Join(words, " ")
}

func TestParse(t *testing.T) {
	tests := []struct {
		bells      int
		text, want string
	}{
		{4, "x", "2143"},
		{4, "-14x", "2143 1324 2143"},
		{6, "36.16", "213546 132546"},
		{4, "x14,12", "2143 1324 2143 1243"},
		{5, "3,1.5", "21354 13254 21435 13254"},
		{5, " 5.1 ", "21435 13254"},
		{6, "3", "213546"},
	}
	for _, tt := range tests {
		got, err := notation.Parse(tt.bells, tt.text)
		if err != nil {
			t.Errorf("Parse(%d, %q): %v", tt.bells, tt.text, err)
			continue
		}
		if joined(got) != tt.want {
			t.Errorf("Parse(%d, %q) = %s, want %s", tt.bells, tt.text, joined(got), tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		bells         int
		text, problem string
	}{
		{4, "", "no changes"},
		{4, "x,", "no changes"},
		{4, "x,12,14", "more than one comma"},
		{5, "x", "x needs an even number of bells"},
		{4, "15", "no place 5 on 4 bells"},
		{4, "41", "places must rise"},
		{4, "y", "no place y on 4 bells"},
		{6, "14.2.13", "place 2 has no partner"},
	}
	for _, tt := range tests {
		_, err := notation.Parse(tt.bells, tt.text)
		var told *notation.Error
		if !errors.As(err, &told) || told.Problem != tt.problem {
			t.Errorf("Parse(%d, %q): %v, want %s", tt.bells, tt.text, err, tt.problem)
		}
	}
}
