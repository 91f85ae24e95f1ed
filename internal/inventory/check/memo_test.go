package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chameleoncloud/refapi/internal/inventory/check"
)

// A file that is as it was is not looked at again; any other is, also one that differs in
// white space, and all are when a rule compares them with something else.
func TestMemo(t *testing.T) {
	t.Parallel()
	fs := base(t)
	fs[paths["site"]] = strings.Replace(fs[paths["site"]], "{", `{"x": 1,`, 1)
	fs[paths["node"]] = strings.Replace(fs[paths["node"]], "\"gpu\"", "\"GPU\"", 1)

	var memo check.Memo
	before := list(findNext(t, &memo, fs))
	if before == "" || before != list(find(t, fs)) {
		t.Fatalf("with an empty memo the findings are %q", before)
	}

	_, g, ok := load(fs, "")
	if !ok {
		t.Fatal("the grid's structure is faulty")
	}
	again, err := memo.Grid(checker(t), fstest.MapFS{}, g) // where there are no files to read
	if err != nil || list(again) != before {
		t.Errorf("what is known is %q (%v), want %q", list(again), err, before)
	}

	fs[paths["node"]] = "\n\n" + fs[paths["node"]]
	if got, want := list(findNext(t, &memo, fs)), list(find(t, fs)); got != want || got == before {
		t.Errorf("after lines moved, the findings are %q, want %q", got, want)
	}
}
