package private

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// search returns those of some pointers that name nothing in any commit, of which it
// reads the newest first.
func (v *View) search(ctx context.Context, left rawjson.Pointers, dir string, head history.Hash, limits history.Limits) (
	rawjson.Pointers, error,
) {
	h, files, err := history.Walk(ctx, v, head, nil, dir, limits)
	if err != nil {
		return nil, err
	}

	err = v.eachText(ctx, h, files, dir, func(_ *history.Commit, _ string, text []byte) bool {
		left = left.Unmatched(text)
		return len(left) > 0
	})
	return left, err
}

// eachText visits the texts of JSON files of all commits as they are in the repository,
// each once, the newest first, until visit returns false.
func (v *View) eachText(ctx context.Context, h *history.History, files *history.Files, dir string,
	visit func(c *history.Commit, path string, text []byte) bool,
) error {
	seen := map[history.Hash]bool{}
	for n, c := range h.Commits {
		changed := files.Changed(n)
		if c.Boundary {
			var err error
			if changed, err = files.All(c, dir); err != nil {
				return err
			}
		}

		for _, f := range changed {
			if path.Ext(f.Path) != ".json" || !f.To.Regular() || seen[f.To.Hash] {
				continue
			}
			seen[f.To.Hash] = true

			limits := inventory.FileLimits()
			data, ok, err := v.Repository.Blob(f.To.Hash, int64(limits.Bytes))
			if err = cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			text, err := rawjson.Compact(data, limits)
			if ok && err == nil && !visit(c, f.Path, text) {
				return nil
			}
		}
	}

	return nil
}
