package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestZZFolder(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := func(args ...string) (int, string) {
		var out, errOut strings.Builder
		code := run(append([]string{"--methods", folder}, args...), strings.NewReader("Own | 4 | x14 | | \n"), &out, &errOut)
		return code, out.String() + errOut.String()
	}
	if code, got := said("list"); code != 2 || !strings.Contains(got, "no methods") {
		t.Errorf("empty: exit %d, %s", code, got)
	}
	write("b.txt", "B | 4 | x14x14,12 | 14 | \n")
	write("a.txt", "# a\nA | 5 | 3,1.5.1.5.1 | | \n")
	write("notes.md", "not | a method\n")
	if code, got := said("list"); code != 0 || strings.Count(got, "\n") != 2 || !strings.HasPrefix(got, "A ") || strings.Contains(got, "Own") {
		t.Errorf("list: exit %d, %s", code, got)
	}
	if code, _ := said("prove", "B", "ppp"); code != 0 {
		t.Errorf("prove: exit %d", code)
	}
	write("c.txt", "C | 4 | x14 | | \nb | 4 | x14 | | \n")
	if code, got := said("list"); code != 2 || got != "ring: c.txt: line 2: b is there already\n" {
		t.Errorf("twice: exit %d, %s", code, got)
	}
}
