package private

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Future is in front of a pointer that need not name anything yet.
const Future = "?"

// ParseHidden parses the pointers of what is hidden.
func ParseHidden(texts []string) (h Hidden, err error) {
	for _, text := range texts {
		rest, isFuture := strings.CutPrefix(text, Future)
		p, err := rawjson.ParsePointer(rest)
		switch {
		case err != nil:
			return Hidden{}, fmt.Errorf("%q is not a pointer such as /bios/serial or /network_adapters/*/mac: it %w", text, err)
		case len(p) == 1 && (p[0] == "uid" || p[0] == rawjson.AnySegment):
			return Hidden{}, fmt.Errorf("%q would hide the uid, which is in URLs and in the names of files", text)
		}

		h.pointers = append(h.pointers, p)
		if !isFuture {
			h.expected = append(h.expected, p)
		}
	}

	return h, nil
}

// Hidden are the values that are taken out of every file, of every commit.
type Hidden struct {
	pointers rawjson.Pointers
	expected rawjson.Pointers // those of them that name something
}

// Digest identifies what is hidden, "" for nothing.
func (h Hidden) Digest() string {
	var texts []string
	for _, p := range h.pointers {
		texts = append(texts, rawjson.FormatPointer(p))
	}
	if texts == nil {
		return ""
	}

	slices.Sort(texts)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(texts), "\n")))
	return hex.EncodeToString(sum[:8])
}

// Unmatched returns the pointers that name nothing, in the files of a grid as it is in
// the repository or else in those of any of its commits.
func (v *View) Unmatched(ctx context.Context, g *inventory.Grid, head history.Hash, limits history.Limits) (
	[]string, error,
) {
	left := v.rules.Hidden.expected
	for r := range g.Resources() {
		left = left.Unmatched(r.File.Text)
	}

	// Most name something there, and the other files need not be read.
	if len(left) > 0 {
		var err error
		if left, err = v.search(ctx, left, g.Dir, head, limits); err != nil {
			return nil, fmt.Errorf("look for what is hidden: %w", err)
		}
	}

	var texts []string
	for _, p := range left {
		texts = append(texts, rawjson.FormatPointer(p))
	}

	return texts, nil
}

var errFound = errors.New("all were found")

// search returns those of some pointers that name nothing in any commit, of which it
// reads the newest first.
func (v *View) search(ctx context.Context, left rawjson.Pointers, dir string, head history.Hash, limits history.Limits) (
	rawjson.Pointers, error,
) {
	h, files, err := history.Walk(ctx, v, head, nil, dir, limits)
	if err != nil {
		return nil, err
	}

	seen := map[history.Hash]bool{}
	read := func(e history.Entry) error {
		if !e.Regular() || seen[e.Hash] {
			return nil
		}
		seen[e.Hash] = true

		data, ok, err := v.Repository.Blob(e.Hash, int64(inventory.FileLimits().Bytes))
		if err != nil || !ok {
			return err
		}
		if text, err := rawjson.Compact(data, inventory.FileLimits()); err == nil {
			left = left.Unmatched(text)
		}
		if len(left) == 0 {
			return errFound
		}

		return ctx.Err()
	}

	err = eachFile(h, files, dir, read)
	if errors.Is(err, errFound) {
		err = nil
	}

	return left, err
}

// eachFile visits the JSON files of all commits.
func eachFile(h *history.History, files *history.Files, dir string, visit func(history.Entry) error) error {
	for n, c := range h.Commits {
		changed := files.Changed(n)
		if c.Boundary {
			var err error
			if changed, err = files.All(c, dir); err != nil {
				return err
			}
		}

		for _, f := range changed {
			if path.Ext(f.Path) != ".json" {
				continue
			}
			for _, e := range []history.Entry{f.From, f.To} {
				if err := visit(e); err != nil {
					return err
				}
			}
		}
	}

	return nil
}
