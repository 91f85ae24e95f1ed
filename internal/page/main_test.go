package page_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// trees are those that many tests serve, and none changes.
var trees treetest.Trees

func TestMain(m *testing.M) { trees.Main(m) }
