package music_test

import (
	"testing"

	"bellframe/music"
	"bellframe/row"
)

func TestKinds(t *testing.T) {
	tests := []struct {
		text string
		want string
	}{
		{"123456", "rounds"},
		{"135246", "queens"},
		{"13524", "queens"},
		{"142536", "tittums"},
		{"1526374", "tittums"},
		{"654321", "back rounds"},
		{"213456", "roll-ups"},
		{"3214567", "roll-ups"},
		{"21435", ""},
		{"2134", ""},
		{"123465", ""},
	}
	for _, tt := range tests {
		r, err := row.Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		for name, n := range music.Count([]row.Row{r}) {
			if (n == 1) != (name == tt.want) {
				t.Errorf("%s: %d %s", tt.text, n, name)
			}
		}
	}
}

func TestCountHasEveryKind(t *testing.T) {
	if got := music.Count(nil); len(got) != len(music.Kinds) {
		t.Errorf("got %v", got)
	}
}
