package row_test

import (
	"errors"
	"testing"

	"bellframe/row"
)

func must(t *testing.T, text string) row.Row {
	t.Helper()
	r, err := row.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseAndString(t *testing.T) {
	for _, text := range []string{"123", "2143", "24135", "1234567890ET", "TE0987654321"} {
		if got := must(t, text).String(); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"12", `not a row: "12" has 2 bells`},
		{"1234567890ETA", `not a row: "1234567890ETA" has 13 bells`},
		{"1245", `not a row: "1245" has no bell '5'`},
		{"12x4", `not a row: "12x4" has no bell 'x'`},
		{"1224", `not a row: "1224" has '2' twice`},
	}
	for _, tt := range tests {
		_, err := row.Parse(tt.text)
		if !errors.Is(err, row.ErrRow) || err.Error() != tt.want {
			t.Errorf("Parse(%q): %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestRounds(t *testing.T) {
	if got := row.Rounds(6); got.String() != "123456" || !got.IsRounds() {
		t.Errorf("rounds are %s", got)
	}
	if must(t, "123465").IsRounds() {
		t.Error("123465 is taken for rounds")
	}
}

func TestEqual(t *testing.T) {
	r := must(t, "2143")
	if !r.Equal(must(t, "2143")) || r.Equal(must(t, "2134")) || r.Equal(must(t, "21435")) {
		t.Error("2143 is the same as itself only")
	}
}

func TestOdd(t *testing.T) {
	for text, want := range map[string]bool{"1234": false, "2134": true, "2143": false, "2314": false, "4321": false, "23451": false, "2341": true} {
		if got := must(t, text).Odd(); got != want {
			t.Errorf("%s odd: %v", text, got)
		}
	}
}

func TestOver(t *testing.T) {
	if got := must(t, "2314").Over(must(t, "4321")); got.String() != "3241" {
		t.Errorf("got %s", got)
	}
}
