package parity

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/moving.md")
	if err != nil {
		t.Fatal(err)
	}

	_, section, _ := strings.Cut(string(src), "\n## Differences as intended\n")
	for r := MissingParent; r <= OwnType; r++ {
		row := fmt.Sprintf("\n| %d | %s |\n", r, r.Reason())
		if r.Reason() != "" && !strings.Contains(section, row) {
			t.Errorf("docs/moving.md, Differences as intended: there is no row%s", row)
		}
	}
}
