package scan

import (
	"errors"
	"reflect"
	"testing"
)

func TestZZParseAll(t *testing.T) {
	digits, err := ParseAll([]string{"P-000000000", "x", "P-900000016", "P-900000017"})
	if !reflect.DeepEqual(digits, []string{"00000000", "90000001"}) {
		t.Errorf("got %v", digits)
	}
	if !errors.Is(err, ErrForm) || !errors.Is(err, ErrCheck) {
		t.Errorf("got %v", err)
	}
	if digits, err := ParseAll(nil); len(digits) != 0 || err != nil {
		t.Errorf("got %v, %v", digits, err)
	}
}
