package ledger

import (
	"errors"
	"strings"
	"testing"
)

const sample = `2026-01-05 cash -12.50 # flowers
2026-01-05 household 12.50

# a line of its own
2026-01-06 cash -3
2026-01-06 food 3.00
`

func parse(t *testing.T, text string) []Posting {
	t.Helper()
	postings, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return postings
}

func TestParse(t *testing.T) {
	postings := parse(t, sample)
	if len(postings) != 4 {
		t.Fatalf("got %d postings, want 4", len(postings))
	}
	first := postings[0]
	if first.Account != "cash" || first.Amount != -1250 || first.Note != "flowers" {
		t.Errorf("got %+v", first)
	}
	if got := first.Day.Format(Layout); got != "2026-01-05" {
		t.Errorf("day = %s", got)
	}
}

func TestParseNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-05 cash":               "line 1: want date, account and amount, got 2 fields",
		"\n2026-13-05 cash 1":           "line 2: bad date 2026-13-05",
		"2026-01-05 cash 1.234":         "line 1: bad amount 1.234",
		"2026-01-05 my cash 1":          "line 1: want date, account and amount, got 4 fields",
		"2026-01-05 cash 1\n1 cash 1.0": "line 2: bad date 1",
	} {
		_, err := Parse(strings.NewReader(text))
		var parseError *ParseError
		if !errors.As(err, &parseError) {
			t.Errorf("%q: got %v, want a ParseError", text, err)
			continue
		}
		if err.Error() != want {
			t.Errorf("%q: got %q, want %q", text, err, want)
		}
	}
}
