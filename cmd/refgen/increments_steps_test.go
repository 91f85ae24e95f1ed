package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// step does something to the repository, the options or the live release, and publishes.
func (r *rig) step() {
	steps := []struct {
		weight int
		do     func()
	}{
		{weight: 8, do: r.commits},
		{weight: 4, do: r.merge},
		{weight: 4, do: r.forcePush},
		{weight: 2, do: r.changeOptions},
		{weight: 1, do: r.changeGenerator},
		{weight: 2, do: r.workTree},
		{weight: 4, do: r.damage},
		{weight: 2, do: r.crash},
		{weight: 2, do: r.fromPrevious},
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := r.IntN(total)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			s.do()
			return
		}
	}
}

func pick[T any](r *rig, of ...T) T { return of[r.IntN(len(of))] }

func (r *rig) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, "data/t", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.Fatal(err)
	}
	_ = os.Remove(path) // perhaps a link
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) writeSite(s string) {
	r.write("sites/"+s+"/"+s+".json", fmt.Sprintf(`{"uid": %q, "type": "site", "name": "%s%d"}`, s, s, r.IntN(9)))
}

func (r *rig) writeCluster(s, c string) {
	file := "sites/" + s + "/clusters/" + c + "/" + c + ".json"
	r.write(file, fmt.Sprintf(`{"uid": %q, "type": "cluster", "rank": %d}`, c, r.IntN(9)))
}

// writeNode writes a node that may be as long as before, and that may be compressed. There
// are few machines, so that they are recognized now and then.
func (r *rig) writeNode(file string) {
	uid := strings.TrimSuffix(filepath.Base(file), ".json")
	note := pick(r, "", strings.Repeat("long ", 400), strings.Repeat("much ", 400))
	r.write(file, fmt.Sprintf(`{"uid": %q, "type": "node", "node_name": "%s%d", "node_type": "t%d", `+
		`"main_memory": {"ram_size": %d00}, "network_adapters": [{"mac": "b4:83:51:11:ea:0%[6]d"}, `+
		`{"mac": "b4:83:51:11:eb:0%[6]d"}], "note": %[7]q}`,
		uid, uid, r.IntN(2), r.IntN(3), 1+r.IntN(4), r.IntN(6), note))
}

func (r *rig) writeFlavor(file string) {
	name := strings.TrimSuffix(filepath.Base(file), ".json")
	r.write(file, fmt.Sprintf(`{"uid": %q, "name": %q, "type": "vm_flavor", "vcpus": %d}`, name, name, 1+r.IntN(4)))
}

// glob returns the files of a pattern.
func (r *rig) glob(pattern string) (files []string) {
	found, err := filepath.Glob(filepath.Join(r.dir, "data/t", pattern))
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range found {
		rel, _ := filepath.Rel(filepath.Join(r.dir, "data/t"), f)
		files = append(files, rel)
	}
	return files
}

// one returns one of the files of a pattern, "" if there is none.
func (r *rig) one(pattern string) string {
	files := r.glob(pattern)
	if len(files) == 0 {
		return ""
	}
	return pick(r, files...)
}

const (
	anyNode    = "sites/*/clusters/*/nodes/*.json"
	anyCluster = "sites/*/clusters/*"
)

// edit changes something in the work tree.
func (r *rig) edit() {
	node, cluster, site := r.one(anyNode), r.one(anyCluster), r.one("sites/*")
	name := fmt.Sprintf("nodes/n%d.json", 1+r.IntN(5))
	in := func(path string) string { return filepath.Join(r.dir, "data/t", path) }
	text := func(file string) string { b, _ := os.ReadFile(in(file)); return string(b) }

	what := r.IntN(19)
	if node == "" && slices.Contains([]int{0, 1, 2, 4, 5, 6, 12, 13, 14, 15, 16, 17, 18}, what) ||
		cluster == "" || site == "" {
		r.writeSite("s1")
		r.writeCluster("s1", "c1")
		r.writeNode("sites/s1/clusters/c1/" + name)
		r.tell("  set up s1")
		return
	}

	r.tell("  edit %d: %s, %s, %s", what, node, cluster, site)
	switch what {
	case 0, 1, 2:
		r.writeNode(node)
	case 3:
		r.writeNode(filepath.Join(cluster, name))
	case 4:
		_ = os.Remove(in(node))
	case 5: // rename, with the content of before or another
		old := text(node)
		_ = os.Remove(in(node))
		to := filepath.Join(cluster, name)
		r.write(to, strings.Replace(old, fmt.Sprintf("%q", strings.TrimSuffix(filepath.Base(node), ".json")),
			fmt.Sprintf("%q", strings.TrimSuffix(filepath.Base(to), ".json")), 1))
	case 6:
		r.write(node, strings.Replace(strings.Replace(text(node), `"t1"`, `"tx"`, 1), `"t2"`, `"ty"`, 1))
	case 7:
		r.writeFlavor(site + "/flavors/f" + fmt.Sprint(r.IntN(2)) + ".json")
	case 8:
		if f := r.one("sites/*/flavors/*.json"); f != "" {
			_ = os.Remove(in(f))
		}
	case 9:
		if len(r.glob("sites/*")) > 1 {
			_ = os.RemoveAll(in(site))
		} else {
			r.writeSite("s" + fmt.Sprint(1+r.IntN(3)))
		}
	case 10:
		_ = os.RemoveAll(in(cluster))
	case 11:
		r.writeSite(filepath.Base(site))
		r.writeCluster(filepath.Base(site), "c"+fmt.Sprint(1+r.IntN(2)))
	case 12:
		r.write(node, "{broken")
	case 13:
		_ = os.Remove(in(node))
		_ = os.Symlink("elsewhere.json", in(node))
	case 14:
		r.write(node, pick(r, strings.ReplaceAll(text(node), " ", "  "), text(node)+"\n"))
	case 15:
		_ = os.Chmod(in(node), 0o755)
	case 16:
		rank := r.IntN(9)
		r.write("t.json", fmt.Sprintf(`{"uid": "t", "type": "grid", "rank": %d}`, rank))
		r.write(fmt.Sprintf("node_types/t%d.md", rank%3), fmt.Sprintf("*Kind* %d\n\n# More\n", rank))
	case 17, 18: // a machine moves
		old := text(node)
		_ = os.Remove(in(node))
		r.write(filepath.Join(cluster, "nodes", filepath.Base(node)), old)
	}
}

// repair makes all files of nodes valid again.
func (r *rig) repair() {
	for _, f := range r.glob(anyNode) {
		name := filepath.Join(r.dir, "data/t", f)
		info, err := os.Lstat(name)
		body, _ := os.ReadFile(name)
		if err == nil && (!info.Mode().IsRegular() || string(body) == "{broken") {
			r.writeNode(f)
		}
	}
}

// tick moves the date of the next commit on, or elsewhere.
func (r *rig) tick() {
	const day = 24 * time.Hour
	r.date = r.date.Add(pick(r, time.Minute, time.Hour, 0, 0, time.Second, -time.Hour, -3*day, 2*day, 40*day))
}

func (r *rig) commit(message string) string {
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "--message", message)
	return r.git("rev-parse", "HEAD")
}

// change makes a commit.
func (r *rig) change() {
	r.tick()
	if r.IntN(3) > 0 {
		r.repair()
	}
	for range r.IntN(4) {
		r.edit()
	}
	if r.IntN(8) == 0 {
		name := pick(r, "Ada Augusta", "A. Lovelace", "# nobody")
		write(r.T, filepath.Join(r.dir, ".mailmap"), name+" <ada@example.org>\n")
		r.tell("  .mailmap: %s", name)
	}
	r.tell("  commit %.12s at %s", r.commit(fmt.Sprint("change ", r.IntN(3))), r.date)
}

// advance moves the clock, and so forgets what a build from nothing makes.
func (r *rig) advance() {
	r.now = r.now.Add(pick(r, 0, time.Minute, time.Hour, 500*time.Hour))
	r.cold = nil
}

func (r *rig) commits() {
	r.tell("commits")
	for range 1 + r.IntN(3) {
		r.change()
	}
	r.advance()
	r.publish(false)
}

// merge merges a side branch in one of several ways.
func (r *rig) merge() {
	r.tell("merge")
	main := r.git("rev-parse", "HEAD")
	_, err := r.tryGit("reset", "--quiet", "--hard", fmt.Sprintf("HEAD~%d", r.IntN(3)))
	r.tell("  from an older commit: %v", err == nil)
	for range 1 + r.IntN(2) {
		r.change()
	}
	side := r.git("rev-parse", "HEAD")
	r.git("reset", "--quiet", "--hard", main)
	if r.IntN(2) == 0 {
		r.change()
	}
	main = r.git("rev-parse", "HEAD")

	parents := []string{main, side}
	if r.IntN(4) == 0 {
		slices.Reverse(parents)
	}
	r.tick()
	how := r.IntN(5)
	switch how {
	case 0: // ours
		r.git("reset", "--quiet", "--hard", parents[0])
	case 1: // theirs
		r.git("reset", "--quiet", "--hard", parents[1])
	case 2: // evil
		r.git("reset", "--quiet", "--hard", pick(r, parents...))
		r.edit()
	default: // both
		r.git("reset", "--quiet", "--hard", parents[0])
		side := pick(r, "ours", "theirs")
		if _, err := r.tryGit("merge", "--quiet", "--no-commit", "--no-ff", "-X", side, parents[1]); err != nil {
			r.git("reset", "--quiet", "--hard", parents[0])
		}
	}

	r.git("add", "--all")
	merge := r.git("commit-tree", r.git("write-tree"), "-p", parents[0], "-p", parents[1], "-m", "merge")
	r.git("reset", "--quiet", "--hard", merge)
	r.tell("  merged in way %d: %.12s", how, merge)
	r.advance()
	r.publish(false)
}

// forcePush goes back, to a sibling, or rewrites the history.
func (r *rig) forcePush() {
	r.tell("force-push")
	switch r.IntN(4) {
	case 0, 1:
		_, err := r.tryGit("reset", "--quiet", "--hard", fmt.Sprintf("HEAD~%d", 1+r.IntN(3)))
		r.tell("  back: %v", err == nil)
		for range r.IntN(3) {
			r.change()
		}
	case 2:
		r.edit()
		r.git("add", "--all")
		r.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "amended")
		r.tell("  amended")
	case 3:
		one := r.git("commit-tree", "HEAD^{tree}", "-m", "all in one")
		r.git("reset", "--quiet", "--hard", one)
		r.tell("  all in one")
	}
	r.advance()
	r.publish(false)
}

func (r *rig) changeOptions() {
	r.options = pick(r, nil, []string{"--base-url", "https://a.example"}, []string{"--path-prefix", "/ref"},
		[]string{"--base-url", "https://a.example", "--path-prefix", "/ref", "--absolute-links"})
	config := pick(r, "", "[site]\ndata_license = \"CC-BY-4.0\"\n",
		"[security]\ncontacts = [\"mailto:a@example.org\"]\nexpires = 2030-01-31\n",
		"[privacy]\nhidden = [\"?/note\"]\n", "[privacy]\nhidden = [\"?/note\", \"?/main_memory/*\"]\n",
		"[privacy]\nauthors = \"hidden\"\n")
	r.setConfig(config)
	r.tell("options %q, %q", r.options, config)
	if r.IntN(2) == 0 {
		r.change()
	}
	r.advance()
	r.publish(false)
}

// workTree publishes edits that are not committed, and then the commit.
func (r *rig) workTree() {
	r.tell("work tree")
	for range 1 + r.IntN(2) {
		r.edit()
	}
	at := r.now.Add(-time.Hour)
	for _, f := range append(r.glob(anyNode), r.glob("sites/*/*.json")...) {
		_ = os.Chtimes(filepath.Join(r.dir, "data/t", f), at, at)
	}
	r.cold = nil
	r.publish(false, "--worktree")

	if r.IntN(2) == 0 {
		r.tell("  commit it")
		r.tick()
		r.commit("edits")
	} else {
		r.tell("  drop it")
		r.git("reset", "--quiet", "--hard")
		r.git("clean", "-dfxq")
	}
	r.advance()
	r.publish(false)
}

// fromPrevious publishes into an empty directory, with files of what was live.
func (r *rig) fromPrevious() {
	if _, err := disk.Open(r.out); err != nil {
		return
	}
	r.tell("--previous")
	previous := r.out
	r.out = r.TempDir()
	r.live, r.assets = nil, map[string]bool{}
	r.lie(previous)
	if r.IntN(2) == 0 {
		r.change()
	}
	r.advance()
	r.publish(false, "--previous", previous)
	if err := os.RemoveAll(previous); err != nil {
		r.Fatal(err)
	}
}
