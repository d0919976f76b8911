// Package ledger reads postings and sums them.
package ledger

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// Layout is how dates are written.
const Layout = "2006-01-02"

// Cents is an amount of money.
type Cents int64

// Posting moves an amount into an account.
type Posting struct {
	Day     time.Time
	Account string
	Amount  Cents
	Note    string
}

// ParseError says which line could not be read.
type ParseError struct {
	Line   int
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Parse reads postings, one a line; empty lines and lines of a note only are left out.
func Parse(r io.Reader) ([]Posting, error) {
	var postings []Posting
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		text, note, _ := strings.Cut(scanner.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return nil, &ParseError{line, fmt.Sprintf("want date, account and amount, got %d fields", len(fields))}
		}
		day, err := time.Parse(Layout, fields[0])
		if err != nil {
			return nil, &ParseError{line, "bad date " + fields[0]}
		}
		amount, err := ParseCents(fields[2])
		if err != nil {
			return nil, &ParseError{line, err.Error()}
		}
		postings = append(postings, Posting{day, fields[1], amount, strings.TrimSpace(note)})
	}
	return postings, scanner.Err()
}
