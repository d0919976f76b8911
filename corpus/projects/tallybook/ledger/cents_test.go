package ledger

import "testing"

func TestParseCents(t *testing.T) {
	tests := []struct {
		text string
		want Cents
		ok   bool
	}{
		{"12", 1200, true},
		{"-12.5", -1250, true},
		{"0.07", 7, true},
		{"-0.07", -7, true},
		{"1.234", 0, false},
		{"1.", 0, false},
		{"--1", 0, false},
		{"1.-5", 0, false},
		{"", 0, false},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseCents(test.text)
			if (err == nil) != test.ok {
				t.Fatalf("error = %v, want ok = %v", err, test.ok)
			}
			if got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestCentsString(t *testing.T) {
	for cents, want := range map[Cents]string{0: "0.00", 7: "0.07", -7: "-0.07", 123456: "1234.56"} {
		if got := cents.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
