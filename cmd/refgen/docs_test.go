package main

import (
	"cmp"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every flag of every command of refgen is documented, and no other.
func TestFlagsAreDocumented(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&commands{})
	if err != nil {
		t.Fatal(err)
	}

	doc, _, _ := strings.Cut(readDoc(t, "commands.md"), "\n## `availapi`") // which has a test of its own
	known, aliases := map[string]bool{}, map[string]bool{}

	for _, command := range parser.Model.Children {
		if !strings.Contains(doc, "## `refgen "+command.Name) {
			t.Errorf("docs/commands.md: the command %s is missing", command.Name)
		}
		if command.Help == "" {
			t.Errorf("the command %s has no help", command.Name)
		}
	}

	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			known[f.Name] = true
			for _, alias := range f.Aliases {
				aliases[alias] = true
			}
			if !strings.Contains(doc, "`--"+f.Name+"`") && !strings.Contains(doc, "`--"+f.Name+" ") {
				t.Errorf("docs/commands.md: the flag --%s is missing", f.Name)
			}
			if f.Help == "" {
				t.Errorf("the flag --%s has no help", f.Name)
			}
		}
		for _, c := range n.Children {
			visit(c)
		}
	}

	visit(parser.Model.Node)
	for _, m := range regexp.MustCompile("`--([a-z-]+)").FindAllStringSubmatch(doc, -1) {
		if name := strings.TrimPrefix(m[1], "no-"); !known[m[1]] && !known[name] && !aliases[m[1]] {
			t.Errorf("docs/commands.md: there is no flag --%s", m[1])
		}
	}
}

// Every key of the configuration is documented, in its section, and no other.
func TestConfigurationIsDocumented(t *testing.T) {
	t.Parallel()
	doc := readDoc(t, "configuration.md")
	sections := map[string]string{}

	for _, part := range strings.Split(doc, "\n## ")[1:] {
		if name, ok := strings.CutPrefix(part, "`["); ok {
			name, _, _ = strings.Cut(name, "]")
			sections[name] = part
		}
	}

	c := reflect.TypeFor[config.Config]()
	keys := map[string]bool{}
	for i := range c.NumField() {
		section := c.Field(i)
		name := section.Tag.Get("toml")
		if name == "-" || !section.IsExported() {
			continue
		}

		text, ok := sections[name]
		if !ok {
			t.Errorf("docs/configuration.md: the section [%s] is missing", name)
			continue
		}

		for j := range section.Type.NumField() {
			key := section.Type.Field(j).Tag.Get("toml")
			all := []string{key}
			if of := section.Type.Field(j).Type; of.Kind() == reflect.Map {
				all = nil
				for k := range of.Elem().NumField() {
					if own := of.Elem().Field(k).Tag.Get("toml"); own != "-" {
						of := map[string]string{"notices": "<name>", "snippets": "<name>"}
						all = append(all, key+"."+cmp.Or(of[key], "<site_id>")+"."+own)
					}
				}
			}

			for _, key := range all {
				keys[name+" "+key] = true
				if !strings.Contains(text, "| `"+key+"` |") {
					t.Errorf("docs/configuration.md: [%s] lacks the key %s", name, key)
				}
			}
		}
	}

	for name, text := range sections {
		for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(text, -1) {
			if !keys[name+" "+m[1]] {
				t.Errorf("docs/configuration.md: [%s] has no key %s", name, m[1])
			}
		}
	}
}

// keyless are the flags that no key of the configuration sets: what one run does, and the
// preview.
var keyless = strings.Fields(`help help-as version config set no-color verbose
	sample worktree jobs previous force dry-run check changed-files json quiet format exit-code show
	availapi demo watch poll include search-hidden
	old new live tolerance recheck every state delay timeout max-requests max-mib max-links max-time`)

// Every flag either sets a key or is one of a single run, and every short variable is
// documented with its key and the flag that sets it.
func TestEnvironmentIsDocumented(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&commands{})
	if err != nil {
		t.Fatal(err)
	}

	flags := map[string]string{"publish.out": "tree"} // of availapi
	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			if key := f.Tag.Get("key"); key != "" && !f.Tag.Has("text") {
				flags[key] = f.Name
			} else if !slices.Contains(keyless, f.Name) {
				t.Errorf("--%s sets no key of the configuration", f.Name)
			}
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(parser.Model.Node)

	doc := readDoc(t, "configuration.md")
	for _, s := range config.Default().Settings() {
		for _, short := range s.Variables()[1:] {
			flag, ok := flags[s.Key.String()]
			if s.Key[0] == "availapi" {
				flag, ok = strings.ReplaceAll(s.Key[1], "_", "-"), true
			}
			if row := "| `" + short + "` | `" + s.Key.String() + "` | `--" + flag + "` |"; !ok || !strings.Contains(doc, row) {
				t.Errorf("docs/configuration.md lacks the row %s", row)
			}
		}
	}
}

// The defaults in the documentation are those of the program.
func TestDefaultsAreDocumented(t *testing.T) {
	t.Parallel()
	doc := readDoc(t, "configuration.md")
	for _, s := range config.Default().Settings() {
		_, section, _ := strings.Cut(doc, "\n## `["+s.Key[0]+"]")
		section, _, _ = strings.Cut(section, "\n## ")
		_, row, ok := strings.Cut(section, "| `"+s.Key[1]+"` | ")
		if !ok {
			continue // of a site
		}

		text, _, _ := strings.Cut(row, " |")
		want := s.Text()
		if d, err := time.ParseDuration(want); err == nil {
			want = strconv.Itoa(int(d.Seconds()))
		}
		if text = strings.Trim(text, "`"); text != want && (want != "" || strings.HasPrefix(row, "`\"")) {
			t.Errorf("docs/configuration.md: the default of %s is %q, not %q", s.Key, want, text)
		}
	}
}

// The command lines of the units are good.
func TestUnits(t *testing.T) {
	t.Parallel()
	started := regexp.MustCompile(`(?m)^Exec\w+=(?:/bin/sh -c 'exec )?refgen (.*?)(?: >.*)?$`)
	for _, name := range []string{"refgen.service", "refapi-nginx.service"} {
		unit, err := os.ReadFile("../../etc/" + name)
		if err != nil {
			t.Fatal(err)
		}

		lines := started.FindAllSubmatch(unit, -1)
		if len(lines) == 0 {
			t.Errorf("etc/%s does not start refgen", name)
		}
		for _, m := range lines {
			parser, err := newParser(&commands{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(strings.Fields(string(m[1]))); err != nil {
				t.Errorf("etc/%s: %s: %v", name, m[0], err)
			}
		}
	}
}
