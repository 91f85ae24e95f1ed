package reserve_test

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/reserve"
)

// What is built in is offered, valid, and complete.
func TestBuiltIn(t *testing.T) {
	t.Parallel()
	offered, err := reserve.Select(reserve.Offer(), nil)
	if err != nil {
		t.Fatal(err)
	}

	for _, s := range offered {
		if key, err := s.Check(); err != nil {
			t.Errorf("%s.%s: %v", s.Name, key, err)
		}
		if s.About == "" || s.Type == "" || s.Name != "enoslib" && (s.Nodes == "" || s.Flavor == "") {
			t.Errorf("%s is not complete", s.Name)
		}
	}
}

// An operator's own snippets replace those built in; one that nobody has is an error.
func TestSelect(t *testing.T) {
	t.Parallel()
	own := map[string]reserve.Snippet{"cli": {Title: "Mine"}, "oar": {Title: "OAR"}}
	got, err := reserve.Select([]string{"oar", "cli", "terraform"}, own)
	if err != nil || len(got) != 3 || got[0].Title != "OAR" || got[1].Title != "Mine" || got[2].Title != "Terraform" {
		t.Errorf("selected are %v, %v", got, err)
	}

	if _, err := reserve.Select([]string{"dashbord"}, own); err == nil || hint.Of(err) != "did you mean dashboard?" {
		t.Errorf("an unknown name: %v, %s", err, hint.Of(err))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := reserve.Snippet{Title: "T", Language: "sh", Type: "x {{type}} {{ count }}"}
	for name, test := range map[string]struct {
		change    func(s *reserve.Snippet)
		key, want string
		advice    string
	}{
		"good":           {func(*reserve.Snippet) {}, "", "", ""},
		"title":          {func(s *reserve.Snippet) { s.Title = " " }, "title", "a snippet needs a title", ""},
		"language":       {func(s *reserve.Snippet) { s.Language = "pyton" }, "language", `unknown language "pyton"`, "did you mean python?"},
		"no template":    {func(s *reserve.Snippet) { s.Type = "" }, "type", "a snippet needs a template: type, nodes or flavor", ""},
		"placeholder":    {func(s *reserve.Snippet) { s.Type = "{{tpye}}" }, "type", `unknown placeholder "tpye"`, "did you mean type?"},
		"of other kinds": {func(s *reserve.Snippet) { s.Flavor = "{{node}}" }, "flavor", `unknown placeholder "node"`, ""},
		"in quotes": {func(s *reserve.Snippet) { s.Nodes = `x "{{node}}"` }, "nodes", "{{node}} is in quotes",
			"a placeholder brings its own quotes: leave these out"},
		"no URL": {func(s *reserve.Snippet) { s.Language, s.Type = "url", "javascript:x" }, "type",
			`want a URL that starts with https:// or {{site_web}}, not "javascript:x"`, ""},
		"a site's": {func(s *reserve.Snippet) { s.Language, s.Type = "url", "{{site_web}}/x?y={{type}}" }, "", "", ""},
	} {
		s := good
		test.change(&s)
		key, err := s.Check()
		if key != test.key || err == nil && test.want != "" || err != nil && err.Error() != test.want ||
			!strings.HasPrefix(hint.Of(err), test.advice) {
			t.Errorf("%s: %s: %v (%s), want %s: %s (%s)", name, key, err, hint.Of(err), test.key, test.want, test.advice)
		}
	}
}
