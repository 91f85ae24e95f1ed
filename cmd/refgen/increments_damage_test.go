package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// damage does something to what is live, and publishes the same commit or the next.
func (r *rig) damage() {
	live, err := disk.Open(r.out)
	if err != nil || live.Manifest.Load() != nil {
		return
	}
	r.tell("damage")

	for range 1 + r.IntN(3) {
		r.damageOne(live)
	}
	r.live = nil
	r.afterwards()
}

// afterwards publishes the same commit, the next, or an older one.
func (r *rig) afterwards() {
	switch r.IntN(3) {
	case 0:
		r.publish(true)
		return
	case 1:
		r.change()
	default:
		_, _ = r.tryGit("reset", "--quiet", "--hard", "HEAD~1")
		r.tell("  back")
	}
	r.advance()
	r.publish(false)
}

func (r *rig) damageOne(live *disk.Tree) {
	must := func(err error) {
		if err != nil && !os.IsNotExist(err) {
			r.Fatal(err)
		}
	}
	anyForm := func() string {
		entries := slices.Collect(live.Manifest.Files())
		e := pick(r, entries...)
		return live.Path(pick(r, slices.Collect(e.Forms())...))
	}
	anyPart := func() string {
		p := pick(r, live.Manifest.Parts...)
		return filepath.Join(live.Dir, p.File())
	}
	// replace writes a new file, since hard links share the old one.
	replace := func(name string, body []byte, like bool) {
		info, err := os.Lstat(name)
		if err != nil {
			return
		}
		must(os.Remove(name))
		must(os.WriteFile(name, body, 0o644))
		if like {
			must(os.Chtimes(name, info.ModTime(), info.ModTime()))
		}
	}
	store := filepath.Join(live.Dir, tree.StoreDir)

	what := r.IntN(16)
	name := anyForm()
	part := anyPart()
	rel := func(p string) string { s, _ := filepath.Rel(r.out, p); return s }
	r.tell("  %d: %s, %s", what, rel(name), rel(part))
	switch what {
	case 0, 1:
		must(os.Remove(name))
	case 2:
		replace(name, nil, r.IntN(2) == 0)
	case 3:
		must(os.Chtimes(name, time.Time{}, time.Unix(1e9, 0)))
	case 4:
		must(os.Chmod(name, 0o600))
	case 5:
		body, _ := os.ReadFile(part)
		replace(part, body[:len(body)/2], true)
	case 6: // forged: a digest of another
		body, _ := os.ReadFile(part)
		replace(part, bytes.Replace(body, []byte(`"sha256":"`), []byte(`"sha256":"0000`), 1), true)
	case 7:
		other, _ := os.ReadFile(anyPart())
		replace(part, other, true)
	case 8:
		must(os.Remove(part))
	case 9:
		must(os.Remove(filepath.Join(live.Dir, tree.ManifestFile)))
	case 10:
		body, _ := os.ReadFile(filepath.Join(live.Dir, tree.ManifestFile))
		replace(filepath.Join(live.Dir, tree.ManifestFile), body[:len(body)/2], false)
	case 11:
		must(os.Remove(store))
		if r.IntN(2) == 0 {
			must(os.Symlink("../../immutable/none", store))
		}
	case 12:
		real, err := filepath.EvalSymlinks(store)
		if err == nil {
			must(os.RemoveAll(real))
		}
	case 13:
		must(os.RemoveAll(filepath.Join(r.out, "immutable")))
	case 14: // the rows of changes
		files, _ := filepath.Glob(filepath.Join(live.Dir, "past", "*.changes"))
		if len(files) > 0 {
			name := pick(r, files...)
			body, _ := os.ReadFile(name)
			replace(name, body[:len(body)/2], true)
		}
	case 15: // other bytes, which only a build that reads every file finds
		body, err := os.ReadFile(name)
		if err == nil && len(body) > 0 {
			body[r.IntN(len(body))] ^= 1
			replace(name, body, true)
			r.forced = true
		}
	}
}

// crash leaves what a run leaves that is killed, and publishes.
func (r *rig) crash() {
	live, err := disk.Open(r.out)
	if err != nil || live.Manifest.Load() != nil {
		return
	}
	r.tell("crash")
	real, err := filepath.EvalSymlinks(filepath.Join(live.Dir, tree.StoreDir))
	if err != nil {
		return
	}

	put := func(name, text string) {
		r.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			r.Fatal(err)
		}
	}

	// Files that were added for a release that never came, and one of the live release
	// that was repaired.
	added := []string{"versions/never.json", "sites/s1/versions/never.json", "never/never.json.gz"}
	for _, p := range added {
		put(filepath.Join(real, p), "never")
	}
	for e := range live.Manifest.Files() {
		if e.Class == tree.Immutable {
			added = append(added, e.Path)
			break
		}
	}
	put(real+".adding", strings.Join(append(added, "versions/notyet.json"), "\x00"))
	put(filepath.Join(r.out, "releases", "x.tmp", "index.json"), "never")
	put(filepath.Join(r.out, "immutable", "x.tmp", "versions", "x.json"), "never")
	put(real+".adding.tmp", "nev")
	// A build that was refused in between has not looked at what an earlier crash has left.
	err = os.Symlink("releases/x.tmp", filepath.Join(r.out, ".current.tmp"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		r.Fatal(err)
	}
	if r.IntN(4) == 0 {
		r.damageOne(live)
		r.live = nil
	}
	r.afterwards()
}

// changeGenerator makes the live release one of another generator: some files have other
// bytes, all have other fingerprints, and some of the same bytes.
func (r *rig) changeGenerator() {
	live, err := disk.Open(r.out)
	if err != nil || live.Manifest.Load() != nil || strings.HasSuffix(live.Manifest.ID, "-old") {
		return // twice would give some files their bytes back, with other variants
	}
	r.tell("other generator")
	r.rewrite(live, func(e *tree.Entry) {
		if e.Fingerprint != "" {
			e.Fingerprint = "old" + e.Fingerprint[3:]
		}
		if r.IntN(4) == 0 {
			r.alter(live, e)
		}
	}, true)
	r.live = nil
	r.afterwards()
}

// alter gives a file other bytes, and its entry what belongs to them.
func (r *rig) alter(live *disk.Tree, e *tree.Entry) {
	for f := range e.Forms() {
		body, err := os.ReadFile(live.Path(f))
		if err != nil {
			r.Fatal(err)
		}
		if len(body) == 0 {
			continue
		}
		body[len(body)/2] ^= 1
		if r.IntN(2) == 0 {
			body = append(body, ' ')
		}
		if err = os.Remove(live.Path(f)); err == nil {
			err = os.WriteFile(live.Path(f), body, 0o644)
		}
		if err == nil {
			err = os.Chtimes(live.Path(f), f.Time, f.Time)
		}
		if err != nil {
			r.Fatal(err)
		}

		v := tree.NewVariant(body)
		switch _, suffix := tree.CutSidecar(f.Path); suffix {
		case tree.GzipSuffix:
			e.Gzip = v
		case tree.BrotliSuffix:
			e.Brotli = v
		default:
			e.Size, e.SHA256 = v.Size, v.SHA256
		}
	}
}

// rewrite writes the manifest anew, with other entries.
func (r *rig) rewrite(live *disk.Tree, change func(*tree.Entry), rename bool) {
	var files tree.Collector
	for e := range live.Manifest.Files() {
		entry := *e
		change(&entry)
		files.Add(entry)
	}

	rel := live.Manifest.Release
	if rename {
		rel.ID += "-old"
	}
	m := files.Manifest(rel)
	put := func(file string, body []byte) {
		name := filepath.Join(live.Dir, file)
		_ = os.Remove(name)
		if err := os.WriteFile(name, body, 0o644); err != nil {
			r.Fatal(err)
		}
	}
	for i := range m.Parts {
		body, err := m.EncodePart(i)
		if err != nil {
			r.Fatal(err)
		}
		put(m.Parts[i].File(), body)
	}
	body, err := m.Encode()
	if err != nil {
		r.Fatal(err)
	}
	put(tree.ManifestFile, body)
}

// lie makes the manifest of a release say what is not so.
func (r *rig) lie(out string) {
	live, err := disk.Open(out)
	if err != nil || live.Manifest.Load() != nil {
		return
	}
	if r.IntN(3) == 0 {
		r.damageOne(live)
		r.forced = false // what is taken over is always read
	}
	if r.IntN(2) == 0 {
		return
	}

	live, err = disk.Open(out)
	if err != nil || live.Manifest.Load() != nil {
		return
	}
	r.tell("  its manifest lies")
	r.rewrite(live, func(e *tree.Entry) {
		switch r.IntN(8) {
		case 0:
			e.SHA256[0] ^= 1
		case 1:
			e.Size++
		case 2:
			if e.Gzip != nil {
				v := *e.Gzip
				v.SHA256[3] ^= 1
				e.Gzip = &v
			}
		case 3:
			if e.Fingerprint != "" {
				e.Fingerprint = "old" + e.Fingerprint[3:]
			}
		case 4:
			e.Time = e.Time.Add(-time.Second)
		}
	}, false)
}
