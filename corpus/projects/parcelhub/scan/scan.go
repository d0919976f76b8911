// Package scan reads labels of parcels.
package scan

import (
	"errors"
	"fmt"
	"strings"
)

// ErrForm is wrapped by errors about the form of a label.
var ErrForm = errors.New("no label")

// ErrCheck is wrapped by errors about the check digit.
var ErrCheck = errors.New("wrong check digit")

var weights = [3]int{7, 3, 1}

// Parse returns the digits of a label without the check digit.
func Parse(label string) (string, error) {
	digits, found := strings.CutPrefix(strings.TrimSpace(label), "P-")
	if !found || len(digits) != 9 || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("%q: %w", label, ErrForm)
	}
	if digits[8] != Check(digits[:8]) {
		return "", fmt.Errorf("%q: %w", label, ErrCheck)
	}
	return digits[:8], nil
}

// Check computes the check digit of eight digits.
func Check(digits string) byte {
	sum := 0
	for index, digit := range []byte(digits) {
		sum += weights[index%3] * int(digit-'0')
	}
	return byte('0' + sum%10)
}
