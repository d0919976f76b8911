package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func ring(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	file, err := os.Open("../../methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out, errOut strings.Builder
	code := run(args, file, &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestGolden(t *testing.T) {
	tests := []struct {
		golden string
		code   int
		args   []string
	}{
		{"list", 0, []string{"list"}},
		{"course-minimus", 0, []string{"course", "plain bob minimus"}},
		{"course-grandsire", 0, []string{"course", "Grandsire Doubles"}},
		{"prove-true", 0, []string{"prove", "Plain Bob Minor", "ppppbppppbppppb"}},
		{"prove-false", 1, []string{"prove", "Cambridge Surprise Minor", "sp"}},
		{"prove-incomplete", 1, []string{"prove", "Little Bob Minor", "pp"}},
		{"music", 0, []string{"music", "Plain Bob Minor", "ppppp"}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			code, out, errOut := ring(t, tt.args...)
			want, err := os.ReadFile(filepath.Join("testdata", tt.golden+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			if code != tt.code || errOut != "" {
				t.Errorf("exit %d, %q", code, errOut)
			}
			if out != string(want) {
				t.Errorf("got\n%s\nwant\n%s", out, want)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"course"}, {"list", "x"}, {"course", "Plain Bob Minor", "x"}, {"prove", "Plain Bob Minor"}, {"ding", "Plain Bob Minor"}} {
		code, out, errOut := ring(t, args...)
		if code != 2 || out != "" || !strings.HasPrefix(errOut, "ring: ") {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errOut)
		}
	}
}

func TestMessages(t *testing.T) {
	if _, _, errOut := ring(t, "course", "Bristol"); errOut != "ring: no method \"Bristol\"\n" {
		t.Errorf("got %q", errOut)
	}
	if _, _, errOut := ring(t, "prove", "Plain Bob Minor", "q"); errOut != "ring: call 1: 'q' is none of p, b and s\n" {
		t.Errorf("got %q", errOut)
	}
}
