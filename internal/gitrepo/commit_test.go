package gitrepo_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// TestCommitIsGits compares commits as git itself prints them: also those that
// no git wrote.
func TestCommitIsGits(t *testing.T) {
	t.Parallel()
	r := gittest.Init(t)
	tree := r.Feed("", "mktree")
	const good = "Ada <ada@example.org> 1700000000 +0100"
	for name, tt := range map[string]struct{ author, committer, headers, message string }{
		"plain":                 {good, good, "", "one\n\ntwo\n"},
		"utf-8":                 {"Åda Lövelace <a@b> 1 +0000", good, "", "Tromsø ☃\n"},
		"latin 1":               {"\xc5da <a@b> 1 +0000", "Gr\xe5ce <g@h> 2 -0500", "encoding ISO-8859-1\n", "Troms\xf8\n\n\xe9t\xe9\n"},
		"latin 1, alias":        {"\xc5da <a@b> 1 +0000", good, "encoding latin1\n", "Troms\xf8\n"},
		"latin 1, dashed":       {"\xc5da <a@b> 1 +0000", good, "encoding latin-1\n", "Troms\xf8\n"},
		"latin 1 in fact utf-8": {"Åda <a@b> 1 +0000", good, "encoding ISO-8859-1\n", "Tromsø\n"},
		"latin 9":               {good, good, "encoding ISO-8859-15\n", "5 \xa4\n"},
		"windows":               {good, good, "encoding windows-1252\n", "5 \x80\n"},
		"cp1252":                {good, good, "encoding CP1252\n", "5 \x80\n"},
		"japanese":              {good, good, "encoding Shift_JIS\n", "\x93\xfa\x96{\n"},
		"euc":                   {good, good, "encoding EUC-JP\n", "\xc6\xfc\xcb\xdc\n"},
		"russian":               {good, good, "encoding KOI8-R\n", "\xcd\xc9\xd2\n"},
		"utf8":                  {good, good, "encoding utf8\n", "Tromsø\n"},
		"UTF-8":                 {good, good, "encoding UTF-8\n", "Troms\xf8\n"},
		"unknown encoding":      {good, good, "encoding nonsense\n", "Tromsø \xf8\n"},
		"not utf-8":             {"\xc5da <a@b> 1 +0000", good, "", "Troms\xf8 \xff\xfe\n"},
		"signed":                {good, good, "gpgsig -----BEGIN-----\n \n abc\n -----END-----\n", "one\n"},
		"signed, latin 1":       {good, good, "gpgsig -----BEGIN-----\n abc\n -----END-----\nencoding ISO-8859-1\n", "\xe9t\xe9\n"},
		"merged tag":            {good, good, "mergetag object 1\n type commit\n \n encoding ISO-8859-1\n", "é\n"},
		"other header":          {good, good, "HG:extra x\n y\n", "one\n"},
		"no message":            {good, good, "", ""},
		"message like a header": {good, good, "", "encoding ISO-8859-1\n\nparent x\n"},
		"empty name":            {" <a@b> 1 +0000", good, "", "x\n"},
		"no name":               {"<a@b> 1 +0000", good, "", "x\n"},
		"spaces":                {"  Ada   L  <a@b> 1 +0000", good, "", "x\n"},
		"tabs":                  {"\tAda\t<a@b> 1 +0000", good, "", "x\n"},
		"angles":                {"Ada <L> <a@b> 1 +0000", good, "", "x\n"},
		"angles in the address": {"Ada <a@b> c> 1 +0000", good, "", "x\n"},
		"no address":            {"Ada <> 1 +0000", good, "", "x\n"},
		"no space":              {"Ada<a@b> 1 +0000", good, "", "x\n"},
		"odd zone":              {"Ada <a@b> 1700000000 +051800", good, "", "x\n"},
		"half zone":             {"Ada <a@b> 1700000000 -0330", good, "", "x\n"},
		"minus zero zone":       {"Ada <a@b> 1700000000 -0030", good, "", "x\n"},
		"no time":               {"Ada <a@b>", "Grace <g@h>", "", "x\n"},
		"word for a time":       {"Ada <a@b> then +0000", "Grace <g@h> then +0000", "", "x\n"},
		"epoch":                 {"Ada <a@b> 0 +0000", "Grace <g@h> 0 +0000", "", "x\n"},
		"before the epoch":      {"Ada <a@b> -1 +0000", "Grace <g@h> -1 +0000", "", "x\n"},
		"huge time":             {"Ada <a@b> 18446744073709551615 +0000", "Grace <g@h> 18446744073709551616 +0000", "", "x\n"},
		"year 9999":             {"Ada <a@b> 253402300799 +0000", "Grace <g@h> 253402300799 +0000", "", "x\n"},
		"year 10000":            {"Ada <a@b> 253402300800 +0000", "Grace <g@h> 253402300799 -0100", "", "x\n"},
		"NUL":                   {good, good, "", "one\x00two\n"},
	} {
		raw := fmt.Sprintf("tree %s\nauthor %s\ncommitter %s\n%s\n%s", tree, tt.author, tt.committer, tt.headers, tt.message)
		id := r.Feed(raw, "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
		c, err := open(t, r.Dir).Commit(hash(t, id))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := []string{c.Author.Name, fmt.Sprint(c.Author.When.Unix()), c.Committer.Name, fmt.Sprint(c.Committer.When.Unix()), c.Subject(), c.Body()}
		want := strings.Split(strings.ToValidUTF8(r.Git("log", "-1", "--encoding=UTF-8", "--format=%an%x01%at%x01%cn%x01%ct%x01%s%x01%B", id), "\ufffd"), "\x01")
		for i := 1; i < 4; i += 2 {
			// Where git cannot print a time it counts as the epoch. RFC 3339 ends
			// with the year 9999.
			seconds, err := strconv.ParseInt(want[i], 10, 64)
			if err != nil {
				seconds = 0
			}
			want[i] = fmt.Sprint(min(seconds, 253402300799))
		}
		for i, field := range []string{"author", "author's time", "committer", "committer's time", "subject", "body"} {
			if strings.TrimSpace(got[i]) != strings.TrimSpace(want[i]) {
				t.Errorf("%s: the %s is %q, git's is %q", name, field, got[i], want[i])
			}
		}
	}
}
