package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Kept is a release in an output directory.
type Kept struct {
	// Name is that of its directory: its id, with a number if it was published again.
	Name       string    `json:"release"`
	Commit     string    `json:"commit"`
	CommitTime time.Time `json:"commit_time"`
	Generator  string    `json:"generator"`
	Published  time.Time `json:"published"` // when it was first published
	Live       bool      `json:"live"`
	Pinned     bool      `json:"pinned"`
	Files      int       `json:"files"`           // sidecars included
	Bytes      int64     `json:"bytes"`           // of these files; releases share those that are equal
	Fault      string    `json:"fault,omitempty"` // why it cannot be read

	dir, id string
}

// List returns the releases of an output directory, the one published last first.
func List(fsys durable.FS, root string) ([]Kept, error) {
	releases := filepath.Join(root, releasesDir)
	entries, err := fsys.ReadDir(releases)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint.Wrap(fmt.Errorf("%s has no releases", root), "give the output directory of refgen build with --out")
	}
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}

	// Without a link nothing is live; a pin that cannot be read protects no release here,
	// and ends every command that would change one.
	live, _ := fsys.Readlink(filepath.Join(root, disk.CurrentLink))
	pin, _ := Pinned(fsys, root)

	var all []Kept
	for _, e := range entries {
		if !e.IsDir() || isVolumeEntry(e.Name()) || strings.HasSuffix(e.Name(), tmpSuffix) {
			continue
		}
		k := readKept(fsys, filepath.Join(releases, e.Name()))
		k.Live, k.Pinned = k.Name == filepath.Base(live), k.Name == pin
		all = append(all, k)
	}

	slices.SortStableFunc(all, func(a, b Kept) int { return b.Published.Compare(a.Published) })
	return all, nil
}

// readKept describes a release in a directory.
func readKept(fsys durable.FS, dir string) Kept {
	k := Kept{Name: filepath.Base(dir), Published: publishedAt(fsys, dir), dir: dir}
	t, err := disk.OpenDirFS(fsys, dir)
	if err != nil {
		k.Fault = err.Error()
		return k
	}

	m := t.Manifest
	k.id, k.Commit, k.CommitTime, k.Generator = m.ID, m.Commit, m.CommitTime, m.Generator
	for _, p := range m.Parts {
		k.Files += p.Files
		k.Bytes += p.Bytes
	}
	return k
}

// publishedAt returns when a release was published: the last change of the directory of
// its manifest's parts. That of the release itself changes with the link to its store.
func publishedAt(fsys durable.FS, dir string) time.Time {
	for _, d := range []string{filepath.Join(dir, "manifest"), dir} {
		if info, err := fsys.Stat(d); err == nil {
			return info.ModTime().UTC()
		}
	}
	return time.Time{}
}

// kept returns the releases that pruning keeps, and the others. The live and the pinned
// one are kept whatever their number.
func (o *output) kept(keep int) (kept, others []Kept, err error) {
	all, err := List(o.fs, o.root)
	for _, k := range all {
		switch {
		case k.Live || k.Pinned:
			kept = append(kept, k)
		case keep > 0:
			kept = append(kept, k)
			keep--
		default:
			others = append(others, k)
		}
	}
	return kept, others, err
}

// find returns the release with a name, or, if that is none, the only one whose name, or
// whose commit, begins with it.
func find(all []Kept, id string) (Kept, error) {
	var found []Kept
	for _, k := range all {
		if k.Name == id {
			return k, nil
		}
		if strings.HasPrefix(k.Name, id) || strings.HasPrefix(k.Commit, id) {
			found = append(found, k)
		}
	}

	const advice = "`refgen releases` lists those that are kept"
	switch len(found) {
	case 0:
		return Kept{}, hint.Wrap(fmt.Errorf("release %s is not kept", id), advice)
	case 1:
		return found[0], nil
	}
	return Kept{}, hint.Wrap(fmt.Errorf("%s is ambiguous: it matches %s and %s", id, found[0].Name, found[1].Name), advice)
}

// findLive returns the live release among all, nil if there is none.
func findLive(all []Kept) *Kept {
	for i := range all {
		if all[i].Live {
			return &all[i]
		}
	}
	return nil
}

// before returns the release that was published before the live one, and is another: a
// release may have been published again.
func before(all []Kept) (Kept, error) {
	live := findLive(all)
	for _, k := range all {
		if live != nil && !k.Live && k.Published.Before(live.Published) && (k.id != live.id || k.id == "") {
			return k, nil
		}
	}
	return Kept{}, hint.Wrap(errors.New("no release from before the live one is kept"),
		"`refgen build --rev COMMIT` publishes an older commit; --keep says how many releases stay")
}
