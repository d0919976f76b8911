package scan

import (
	"errors"
	"testing"
)

func TestParse(t *testing.T) {
	for label, want := range map[string]string{
		"P-123456788":   "12345678",
		" P-000000000 ": "00000000",
		"P-900000016":   "90000001",
	} {
		got, err := Parse(label)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", label, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for label, want := range map[string]error{
		"":             ErrForm,
		"123456788":    ErrForm,
		"P-12345678":   ErrForm,
		"P-12345678a":  ErrForm,
		"P-1234567880": ErrForm,
		"P-123456785":  ErrCheck,
		"P-213456788":  ErrCheck,
	} {
		if _, err := Parse(label); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", label, err, want)
		}
	}
}
