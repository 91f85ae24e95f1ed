package page_test

import (
	"os"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// trees are those that many tests serve, and none changes.
var trees treetest.Trees

func TestMain(m *testing.M) {
	code := m.Run()
	trees.Remove()
	os.Exit(code)
}
