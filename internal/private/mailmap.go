package private

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/history"
)

// MailmapFile is the file at the top of a repository that says which name a person goes
// by (gitmailmap(5)).
const MailmapFile = ".mailmap"

// mailmap has the names of people by the addresses of their commits, in lower case.
type mailmap map[string]*mapping

type mapping struct {
	name   string            // for every commit with the address, "" for the commit's own
	byName map[string]string // the same by the name in the commit, in lower case
}

// parseMailmap reads a .mailmap as git does: a line that names no address is skipped, and
// of two lines about the same the later counts.
func parseMailmap(text string) mailmap {
	m := mailmap{}
	text, _, _ = strings.Cut(text, "\x00") // where git ends
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "#") {
			m.add(line)
		}
	}
	return m
}

// add adds a line in one of four forms. The proper address is not kept: none is shown.
//
//	Proper Name <commit@email>
//	<proper@email> <commit@email>
//	Proper Name <proper@email> <commit@email>
//	Proper Name <proper@email> Commit Name <commit@email>
func (m mailmap) add(line string) {
	name, email, rest, ok := cutPerson(line)
	if !ok || email == "" {
		return
	}

	commitName := ""
	if other, commitEmail, _, ok := cutPerson(rest); ok {
		commitName, email = other, commitEmail
	}

	of := m[foldASCII(email)]
	if of == nil {
		of = &mapping{byName: map[string]string{}}
		m[foldASCII(email)] = of
	}

	switch {
	case commitName != "":
		of.byName[foldASCII(commitName)] = name
	case name != "":
		of.name = name
	}
}

// cutPerson cuts a name, which may be empty, and the address after it from a line.
func cutPerson(line string) (name, email, rest string, ok bool) {
	name, rest, _ = strings.Cut(line, "<")
	email, rest, ok = strings.Cut(rest, ">")
	return strings.Trim(name, space), email, rest, ok
}

// space is what git treats as white space.
const space = " \t\n\r"

// nameOf returns the name that the author of a commit goes by.
func (m mailmap) nameOf(s history.Signature) string {
	of := m[foldASCII(s.Email)]
	if of == nil {
		return s.Name
	}

	name, ok := of.byName[foldASCII(s.Name)]
	if !ok {
		name = of.name
	}
	if name == "" {
		return s.Name
	}

	return strings.ToValidUTF8(name, "\ufffd")
}

// foldASCII returns a text in lower case. Like git it leaves letters beyond ASCII.
func foldASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
