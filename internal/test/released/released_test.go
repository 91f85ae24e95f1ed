package released

import "testing"

// faults counts the faults that a check reports.
type faults struct {
	testing.TB
	n int
}

func (f *faults) Helper()               {}
func (f *faults) Errorf(string, ...any) { f.n++ }

func TestCheck(t *testing.T) {
	t.Parallel()
	releases := []Release{{Version: "1.1.0"}, {Version: "1.0.0"}}
	const list = "1 aa 1.0.0\n"
	for _, tt := range []struct {
		name, key, sum string
		pin            bool
		faults         int
		want           string
	}{
		{"as released", "1", "aa", false, 0, list},
		{"a released output changes", "1", "bb", false, 1, list},
		{"a released output is not pinned again", "1", "bb", true, 1, list},
		{"what is not released may change", "2", "bb", false, 0, list},
		{"released", "2", "bb", true, 0, list + "2 bb 1.1.0\n"},
		{"released without a change", "1", "aa", true, 0, "1 aa 1.0.0 1.1.0\n"},
	} {
		f := &faults{TB: t}
		if got := string(check(f, []byte(list), tt.key, tt.sum, releases, tt.pin)); got != tt.want || f.n != tt.faults {
			t.Errorf("%s: %d faults and %q, want %d and %q", tt.name, f.n, got, tt.faults, tt.want)
		}
	}
}
