package route

import "testing"

// Pages and routes must not get in each other's way.
func TestPagesAreNoRoutes(t *testing.T) {
	t.Parallel()
	for p := range Pages() {
		args := make([]string, len(p.route().Params()))
		for i := range args {
			args[i] = "a b"
		}

		if id, _, ok := Match(p.Path(args...)); ok {
			t.Errorf("%s is the route %s, too", p, id)
		}
		if !IsPage(p.route().fill(args, func(s string) string { return s })) {
			t.Errorf("%s is not known as a page", p)
		}
	}

	if got, want := HardwareNode.Path("s", "c", "n b"), "/hardware/sites/s/clusters/c/nodes/n%20b"; got != want {
		t.Errorf("the page of a node is at %s, want %s", got, want)
	}

	if got, want := HardwareNode.File("s", "c",
		"n b"), "hardware/sites/s/clusters/c/nodes/n b/index.html"; got != want {
		t.Errorf("the page of a node is in %s, want %s", got, want)
	}

	for _, p := range []string{"", "/", "/hardware/", "/hardware/sites", "/hardware/columns.json", "/hardware/node/",
		"/guide/", "/guide/a/b", "/docs"} {
		if IsPage(p) {
			t.Errorf("%s is taken for a page", p)
		}
	}
}

// The addresses that dashboards know lead to the same node.
func TestFormer(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		LegacyNodePath.Path("node", "c d", "n"):             HardwareNode.Path("node", "c d", "n"),
		LegacyNodePath.Path("s", "c", "n") + "/":            HardwareNode.Path("s", "c", "n"),
		"/hardware/node/sites/s/clusters/c/nodes/":          "",
		"/hardware/sites/s/clusters/c/nodes/n":              "",
		"/hardware/node/sites/s/clusters/c/nodes/n//":       "",
		"/ref/hardware/node/sites/s/clusters/c/nodes/n":     "",
		"/hardware/node/sites/s/clusters/c/nodes/n/x":       "",
		"//hardware/node/sites/s/clusters/c/nodes/evil.com": "",
	} {
		if page, ok := legacyNodePage(address); ok != (want != "") || ok && page != want {
			t.Errorf("%s leads to %q, %v, want %q", address, page, ok, want)
		}
	}
}
