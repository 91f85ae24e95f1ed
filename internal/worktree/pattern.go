package worktree

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// pattern is one of .gitignore or .gitattributes (gitignore(5)).
type pattern struct {
	dir    string // of the file that has it, "." for the top
	match  *regexp.Regexp
	base   bool // it matches the last element alone
	folder bool // it matches directories alone
}

// newPattern reads a pattern; nil for one that matches nothing.
func newPattern(text, dir string) *pattern {
	p := &pattern{dir: dir}
	if p.folder = strings.HasSuffix(text, "/"); p.folder {
		text = strings.TrimSuffix(text, "/")
	}

	p.base = !strings.Contains(text, "/")
	match, err := regexp.Compile(`^(?s:` + translateGlob(strings.TrimPrefix(text, "/")) + `)$`)
	if err != nil || text == "" {
		return nil
	}

	p.match = match
	return p
}

// matches reports whether the pattern matches a path below the top.
func (p *pattern) matches(name string, folder bool) bool {
	if p.folder && !folder {
		return false
	}

	if p.dir != "." {
		rest, ok := strings.CutPrefix(name, p.dir+"/")
		if !ok {
			return false
		}
		name = rest
	}

	if p.base {
		name = path.Base(name)
	}

	return p.match.MatchString(name)
}

// translateGlob turns a pattern into a regular expression.
func translateGlob(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "**/") && (i == 0 || text[i-1] == '/'):
			out.WriteString(`(?:.*/)?`)
			i += 2

		case rest == "**" && i > 0 && text[i-1] == '/':
			out.WriteString(`.+`)
			i++

		case rest[0] == '*':
			out.WriteString(`[^/]*`)
			for i+1 < len(text) && text[i+1] == '*' {
				i++
			}

		case rest[0] == '?':
			out.WriteString(`[^/]`)
		case rest[0] == '[':
			class, n := translateClass(rest)
			out.WriteString(class)
			i += n - 1

		case rest[0] == '\\' && len(rest) > 1:
			out.WriteString(regexp.QuoteMeta(rest[1:2]))
			i++

		case rest[0] == '\\':
			return nothing // as for git
		default:
			out.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}

	return out.String()
}

var (
	// bracket matches a bracket expression: whether it is negated, and its items, of
	// which the first may be a closing bracket.
	bracket = regexp.MustCompile(`^\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]`)
	// bracketItem matches one item: a class of characters, or a character.
	bracketItem = regexp.MustCompile(`\[:[a-z]+:\]|\\?.`)
)

// nothing is a regular expression that nothing matches.
const nothing = `[^\x00-\x{10FFFF}]`

// translateClass turns a bracket expression into one of regular expressions, and
// returns its length. One without an end matches nothing.
func translateClass(text string) (string, int) {
	m := bracket.FindStringSubmatch(text)
	if m == nil {
		return nothing, len(text)
	}

	negation := ""
	if m[1] != "" {
		negation = "^/"
	}

	items := bracketItem.ReplaceAllStringFunc(m[2], func(item string) string {
		if item == "-" || item == `\-` || strings.HasPrefix(item, "[:") {
			return item
		}
		return regexp.QuoteMeta(strings.TrimPrefix(item, `\`))
	})

	return "[" + negation + items + "]", len(m[0])
}

// ignorePattern is a line of .gitignore.
type ignorePattern struct {
	*pattern
	include bool
}

func parseIgnore(data []byte, dir string) (all []ignorePattern) {
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}

		for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
			line = line[:len(line)-1]
		}

		rest, include := strings.CutPrefix(line, "!")
		if p := newPattern(rest, dir); p != nil {
			all = append(all, ignorePattern{p, include})
		}
	}

	return all
}

// attributes are those of a path in .gitattributes: "set", "unset" or a value.
type attributes map[string]string

const (
	set   = "\x00set"
	unset = "\x00unset"
)

// attributeLine is a line of .gitattributes.
type attributeLine struct {
	*pattern
	macro string // its name, for the definition of one
	items []string
}

func parseAttributes(data []byte, dir string) (all []attributeLine) {
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "[attr]"); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				all = append(all, attributeLine{macro: fields[0], items: fields[1:]})
			}
			continue
		}

		name, rest := attributePattern(line)
		if p := newPattern(name, dir); p != nil && !p.folder && !strings.HasPrefix(name, "!") {
			all = append(all, attributeLine{pattern: p, items: strings.Fields(rest)})
		}
	}

	return all
}

// attributePattern cuts a line's pattern off, which may be quoted.
func attributePattern(line string) (name, rest string) {
	if line[0] == '"' {
		quoted, _ := strconv.QuotedPrefix(line)
		name, _ = strconv.Unquote(quoted) // "", which matches nothing, without an end
		return name, line[len(quoted):]
	}

	name = strings.Fields(line)[0]
	return name, line[len(name):]
}

// apply sets the attributes of items; macros are expanded.
func (a attributes) apply(items []string, macros map[string][]string) {
	for _, item := range items {
		switch name, value, valued := strings.Cut(item, "="); {
		case valued:
			a[name] = value
		case item[0] == '-':
			a[item[1:]] = unset
		case item[0] == '!':
			delete(a, item[1:])
		default:
			a[item] = set
			if inner, ok := macros[item]; ok && len(inner) < 100 {
				nested := map[string][]string{} // a macro inside a macro is not expanded
				a.apply(inner, nested)
			}
		}
	}
}
