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
		"plain": {
			author:    good,
			committer: good,
			message:   "one\n\ntwo\n",
		},
		"utf-8": {
			author:    "Åda Lövelace <a@b> 1 +0000",
			committer: good,
			message:   "Tromsø ☃\n",
		},
		"latin 1": {
			author:    "\xc5da <a@b> 1 +0000",
			committer: "Gr\xe5ce <g@h> 2 -0500",
			headers:   "encoding ISO-8859-1\n",
			message:   "Troms\xf8\n\n\xe9t\xe9\n",
		},
		"latin 1, alias": {
			author:    "\xc5da <a@b> 1 +0000",
			committer: good,
			headers:   "encoding latin1\n",
			message:   "Troms\xf8\n",
		},
		"latin 1, dashed": {
			author:    "\xc5da <a@b> 1 +0000",
			committer: good,
			headers:   "encoding latin-1\n",
			message:   "Troms\xf8\n",
		},
		"latin 1 in fact utf-8": {
			author:    "Åda <a@b> 1 +0000",
			committer: good,
			headers:   "encoding ISO-8859-1\n",
			message:   "Tromsø\n",
		},
		"latin 9": {
			author:    good,
			committer: good,
			headers:   "encoding ISO-8859-15\n",
			message:   "5 \xa4\n",
		},
		"windows": {
			author:    good,
			committer: good,
			headers:   "encoding windows-1252\n",
			message:   "5 \x80\n",
		},
		"cp1252": {
			author:    good,
			committer: good,
			headers:   "encoding CP1252\n",
			message:   "5 \x80\n",
		},
		"japanese": {
			author:    good,
			committer: good,
			headers:   "encoding Shift_JIS\n",
			message:   "\x93\xfa\x96{\n",
		},
		"euc": {
			author:    good,
			committer: good,
			headers:   "encoding EUC-JP\n",
			message:   "\xc6\xfc\xcb\xdc\n",
		},
		"russian": {
			author:    good,
			committer: good,
			headers:   "encoding KOI8-R\n",
			message:   "\xcd\xc9\xd2\n",
		},
		"utf8": {
			author:    good,
			committer: good,
			headers:   "encoding utf8\n",
			message:   "Tromsø\n",
		},
		"UTF-8": {
			author:    good,
			committer: good,
			headers:   "encoding UTF-8\n",
			message:   "Troms\xf8\n",
		},
		"unknown encoding": {
			author:    good,
			committer: good,
			headers:   "encoding nonsense\n",
			message:   "Tromsø \xf8\n",
		},
		"not utf-8": {
			author:    "\xc5da <a@b> 1 +0000",
			committer: good,
			message:   "Troms\xf8 \xff\xfe\n",
		},
		"signed": {
			author:    good,
			committer: good,
			headers:   "gpgsig -----BEGIN-----\n \n abc\n -----END-----\n",
			message:   "one\n",
		},
		"signed, latin 1": {
			author:    good,
			committer: good,
			headers:   "gpgsig -----BEGIN-----\n abc\n -----END-----\nencoding ISO-8859-1\n",
			message:   "\xe9t\xe9\n",
		},
		"merged tag": {
			author:    good,
			committer: good,
			headers:   "mergetag object 1\n type commit\n \n encoding ISO-8859-1\n",
			message:   "é\n",
		},
		"other header": {
			author:    good,
			committer: good,
			headers:   "HG:extra x\n y\n",
			message:   "one\n",
		},
		"no message": {
			author:    good,
			committer: good,
		},
		"message like a header": {
			author:    good,
			committer: good,
			message:   "encoding ISO-8859-1\n\nparent x\n",
		},
		"empty name": {
			author:    " <a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"no name": {
			author:    "<a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"spaces": {
			author:    "  Ada   L  <a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"tabs": {
			author:    "\tAda\t<a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"angles": {
			author:    "Ada <L> <a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"angles in the address": {
			author:    "Ada <a@b> c> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"no address": {
			author:    "Ada <> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"no space": {
			author:    "Ada<a@b> 1 +0000",
			committer: good,
			message:   "x\n",
		},
		"odd zone": {
			author:    "Ada <a@b> 1700000000 +051800",
			committer: good,
			message:   "x\n",
		},
		"half zone": {
			author:    "Ada <a@b> 1700000000 -0330",
			committer: good,
			message:   "x\n",
		},
		"minus zero zone": {
			author:    "Ada <a@b> 1700000000 -0030",
			committer: good,
			message:   "x\n",
		},
		"no time": {
			author:    "Ada <a@b>",
			committer: "Grace <g@h>",
			message:   "x\n",
		},
		"word for a time": {
			author:    "Ada <a@b> then +0000",
			committer: "Grace <g@h> then +0000",
			message:   "x\n",
		},
		"epoch": {
			author:    "Ada <a@b> 0 +0000",
			committer: "Grace <g@h> 0 +0000",
			message:   "x\n",
		},
		"before the epoch": {
			author:    "Ada <a@b> -1 +0000",
			committer: "Grace <g@h> -1 +0000",
			message:   "x\n",
		},
		"huge time": {
			author:    "Ada <a@b> 18446744073709551615 +0000",
			committer: "Grace <g@h> 18446744073709551616 +0000",
			message:   "x\n",
		},
		"year 9999": {
			author:    "Ada <a@b> 253402300799 +0000",
			committer: "Grace <g@h> 253402300799 +0000",
			message:   "x\n",
		},
		"year 10000": {
			author:    "Ada <a@b> 253402300800 +0000",
			committer: "Grace <g@h> 253402300799 -0100",
			message:   "x\n",
		},
		"NUL": {
			author:    good,
			committer: good,
			message:   "one\x00two\n",
		},
	} {
		raw := fmt.Sprintf("tree %s\nauthor %s\ncommitter %s\n%s\n%s", tree, tt.author, tt.committer, tt.headers,
			tt.message)
		id := r.Feed(raw, "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
		c, err := open(t, r.Dir).Commit(hash(t, id))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}

		got := []string{c.Author.Name, fmt.Sprint(c.Author.When.Unix()), c.Committer.Name,
			fmt.Sprint(c.Committer.When.Unix()), c.Subject(), c.Body()}
		want := strings.Split(strings.ToValidUTF8(r.Git("log", "-1", "--encoding=UTF-8",
			"--format=%an%x01%at%x01%cn%x01%ct%x01%s%x01%B", id), "\ufffd"), "\x01")
		for i := 1; i < 4; i += 2 {
			// Where git cannot print a time it counts as the epoch. RFC 3339 ends
			// with the year 9999.
			seconds, err := strconv.ParseInt(want[i], 10, 64)
			if err != nil {
				seconds = 0
			}
			want[i] = fmt.Sprint(min(seconds, 253402300799))
		}

		for i, field := range []string{"author", "author's time", "committer", "committer's time", "subject",
			"body"} {
			if strings.TrimSpace(got[i]) != strings.TrimSpace(want[i]) {
				t.Errorf("%s: the %s is %q, git's is %q", name, field, got[i], want[i])
			}
		}
	}
}
