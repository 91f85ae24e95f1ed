package change_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/change"
)

// reading returns the reading of a difference, one operation a line.
func reading(from, to string) string {
	var lines []string
	for _, op := range change.Diff([]byte(from), []byte(to)).Reading() {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", op.Kind(), op.Pointer, op.Old, op.New)))
	}
	return strings.Join(lines, "\n")
}

func TestReading(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, from, to, want string }{
		{"another order",
			`{"d":[{"serial":"a","size":1},{"serial":"b","size":2}]}`, `{"d":[{"serial":"b","size":2},{"serial":"a","size":1}]}`,
			`order /d`},
		{"another order, and a change",
			`{"d":[{"serial":"a","size":1},{"serial":"b","size":2}]}`, `{"d":[{"serial":"b","size":3},{"serial":"a","size":1}]}`,
			"order /d\nreplace /d/0/size 2 3"},
		{"one replaced in its place",
			`{"d":[{"serial":"a","size":1},{"serial":"b","size":2}]}`, `{"d":[{"serial":"a","size":1},{"serial":"c","size":2}]}`,
			`replace /d/1/serial "b" "c"`},
		{"the first removed",
			`{"d":[{"serial":"a"},{"serial":"b"},{"serial":"c"}]}`, `{"d":[{"serial":"b"},{"serial":"c"}]}`,
			`remove /d/0 {"serial":"a"}`},
		{"one added before the others",
			`{"d":[{"serial":"b"},{"serial":"c"}]}`, `{"d":[{"serial":"a"},{"serial":"b"},{"serial":"c"}]}`,
			`add /d/0  {"serial":"a"}`},
		{"by device where serials are not known",
			`{"d":[{"device":"sda","serial":"","size":1},{"device":"sdb","size":2}]}`,
			`{"d":[{"device":"sdb","size":2},{"device":"sda","serial":"","size":4}]}`,
			"order /d\nreplace /d/1/size 1 4"},
		{"the serial is surer than the device",
			`{"d":[{"device":"sda","serial":"a"},{"device":"sdb","serial":"b"}]}`,
			`{"d":[{"device":"sda","serial":"b"},{"device":"sdb","serial":"a"}]}`,
			"order /d\nreplace /d/0/device \"sdb\" \"sda\"\nreplace /d/1/device \"sda\" \"sdb\""},
		{"a serial that two have tells nothing",
			`{"d":[{"serial":"0","size":1},{"serial":"0","size":2}]}`, `{"d":[{"serial":"0","size":2},{"serial":"0","size":3}]}`,
			"replace /d/0/size 1 2\nreplace /d/1/size 2 3"},
		{"equal ones without identities in another order",
			`{"d":[{"size":1},{"size":2},[3,4],"x"]}`, `{"d":["x",[4,"3"],{"size":2},{"size":1.0}]}`,
			"order /d\norder /d/1\nreplace /d/1/1 3 \"3\"\nreplace /d/3/size 1 1.0"},
		{"numbers as texts in another order", `{"d":[11,12]}`, `{"d":["12","11"]}`,
			"order /d\nreplace /d/0 12 \"12\"\nreplace /d/1 11 \"11\""},
		{"a serial that became a text",
			`{"d":[{"serial":7,"size":1},{"serial":8,"size":2}]}`, `{"d":[{"serial":"8","size":3},{"serial":"7","size":1}]}`,
			"order /d\nreplace /d/0/serial 8 \"8\"\nreplace /d/0/size 2 3\nreplace /d/1/serial 7 \"7\""},
		{"texts in another order", `{"a":["x","y"]}`, `{"a":["y","x"]}`, `order /a`},
		{"texts", `{"a":["x","y"]}`, `{"a":["x","z"]}`, `replace /a/1 "y" "z"`},
		{"no array", `{"a":11}`, `{"a":"11"}`, `replace /a 11 "11"`},
	} {
		if got := reading(tt.from, tt.to); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

// Devices in any other order are one line, and the patch is as exact as ever.
func TestReadingOfPermutations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var devices []string
		for i := range rapid.IntRange(2, 6).Draw(t, "devices") {
			devices = append(devices, fmt.Sprintf(`{"model":"m%d","mac":"%d"}`, i%2, i))
		}
		before := `{"n":[` + strings.Join(devices, ",") + `]}`
		moved := rapid.Permutation(devices).Draw(t, "order")
		after := `{"n":[` + strings.Join(moved, ",") + `]}`

		want := "order /n"
		if slices.Equal(devices, moved) {
			want = ""
		}
		if got := reading(before, after); got != want {
			t.Errorf("%s to %s: %s", before, after, got)
		}
	})
}
