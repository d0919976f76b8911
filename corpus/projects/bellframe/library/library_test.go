package library_test

import (
	"os"
	"strings"
	"testing"

	"bellframe/library"
)

func TestRead(t *testing.T) {
	lib, err := library.Read(strings.NewReader("# two\n\nA | 4 | x14x14,12 | 14 | 1234\nB|5|3,1.5.1.5.1||\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(lib.Methods) != 2 || lib.Methods[0].Name != "A" || lib.Methods[1].Bells != 5 {
		t.Errorf("got %+v", lib.Methods)
	}
	if lib.Find("b") != lib.Methods[1] || lib.Find("C") != nil {
		t.Error("methods are found by name")
	}
	if lib.Methods[1].Bob != nil {
		t.Error("B has no bob")
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"A | 4 | x14":                      "line 1: 3 fields, not 5",
		"\nA | four | x14 | |":             `line 2: "four" is no number of bells`,
		"A | 4 | x1y | |":                  `line 1: A: notation "1y": no place y on 4 bells`,
		"A | 4 | x14 | |\na | 4 | x14 | |": "line 2: a is there already",
	} {
		if _, err := library.Read(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestOwnMethods(t *testing.T) {
	file, err := os.Open("../methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lib, err := library.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, leads := range map[string]int{"Plain Bob Minor": 5, "Grandsire Doubles": 3, "Cambridge Surprise Minor": 5} {
		if got := len(lib.Find(name).LeadHeads()); got != leads {
			t.Errorf("%s: %d leads, want %d", name, got, leads)
		}
	}
}
