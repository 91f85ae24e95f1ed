// Package reserve has the snippets with which people reserve hardware: links and programs
// as templates, which pages fill in. Those of Chameleon are built in.
package reserve

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Snippet is one way to reserve, with a template for each kind of thing that it can
// reserve, "" for a kind that it cannot.
type Snippet struct {
	Title    string `toml:"title" json:"title"`
	Language string `toml:"language" json:"language"`       // one of Languages
	About    string `toml:"about" json:"about,omitempty"`   // what it needs, for people
	Type     string `toml:"type" json:"type,omitempty"`     // for a number of nodes of a type
	Nodes    string `toml:"nodes" json:"nodes,omitempty"`   // for exactly these nodes
	Flavor   string `toml:"flavor" json:"flavor,omitempty"` // for a number of virtual machines
}

// Languages are those that a page can quote values for: a value becomes a complete literal
// of the language, or a part of a URL.
func Languages() []string { return []string{"url", "sh", "python", "hcl", "json", "yaml"} }

// Offered is a snippet with its name.
type Offered struct {
	Name string `json:"name"`
	Snippet
}

// Offer returns the names of the snippets that pages offer by default, in their order.
func Offer() []string { return []string{"dashboard", "cli", "python-chi", "enoslib", "terraform"} }

//go:embed builtin.toml
var builtIn []byte

// Select returns the snippets of these names: an operator's own, else those built in.
func Select(names []string, own map[string]Snippet) (offered []Offered, err error) {
	all := map[string]Snippet{}
	if _, err := toml.NewDecoder(bytes.NewReader(builtIn)).Decode(&all); err != nil {
		return nil, fmt.Errorf("read the built-in snippets: %w", err)
	}
	maps.Copy(all, own)

	for _, name := range names {
		s, ok := all[name]
		if !ok {
			return nil, unknown("snippet", name, slices.Sorted(maps.Keys(all)))
		}

		s.Type, s.Nodes, s.Flavor = strings.TrimSpace(s.Type), strings.TrimSpace(s.Nodes), strings.TrimSpace(s.Flavor)
		offered = append(offered, Offered{name, s})
	}

	return offered, nil
}

// placeholders returns what may be in the templates for a kind.
func placeholders(kind string) []string {
	common := []string{"count", "site", "site_name", "site_web", "start", "end", "hours", "walltime"}
	return append(common, map[string][]string{
		"type":   {"type", "type_properties"},
		"nodes":  {"node", "node_name", "node_properties"},
		"flavor": {"flavor"},
	}[kind]...)
}

var placeholder = regexp.MustCompile(`(.?)\{\{\s*([^{}]*?)\s*\}\}(.?)`)

// Check returns the key of a snippet whose value cannot be used, and why not; "" if there
// is none.
func (s Snippet) Check() (key string, err error) {
	switch {
	case strings.TrimSpace(s.Title) == "":
		return "title", fmt.Errorf("a snippet needs a title")
	case !slices.Contains(Languages(), s.Language):
		return "language", unknown("language", s.Language, Languages())
	case s.Type == "" && s.Nodes == "" && s.Flavor == "":
		return "type", fmt.Errorf("a snippet needs a template: type, nodes or flavor")
	}

	for _, t := range []struct{ kind, text string }{{"type", s.Type}, {"nodes", s.Nodes}, {"flavor", s.Flavor}} {
		if err := s.checkTemplate(t.kind, t.text); err != nil {
			return t.kind, err
		}
	}

	return "", nil
}

func (s Snippet) checkTemplate(kind, text string) error {
	if s.Language == "url" && text != "" {
		isURL := strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") ||
			strings.HasPrefix(text, "{{site_web}}")
		if !isURL || strings.ContainsAny(text, " \t\n") {
			return fmt.Errorf("want a URL that starts with https:// or {{site_web}}, not %q", text)
		}
	}

	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		known := placeholders(kind)
		if !slices.Contains(known, m[2]) {
			return unknown("placeholder", m[2], known)
		}
		if strings.ContainsAny(m[1]+m[3], "\"'`") {
			return hint.Wrap(fmt.Errorf("{{%s}} is in quotes", m[2]), "a placeholder brings its own quotes: leave these out")
		}
	}

	return nil
}

func unknown(what, name string, known []string) error {
	err := fmt.Errorf("unknown %s %q", what, name)
	if near := hint.Nearest(name, known); near != "" {
		return hint.Wrap(err, "did you mean %s?", near)
	}
	return hint.Wrap(err, "there are %s", strings.Join(known, ", "))
}
