package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/durable"
)

// secrets are the hidden values of a test: none is a part of another.
type secrets []string

// new returns one more.
func (s *secrets) new() string {
	secret := fmt.Sprintf("SN%04dX", len(*s))
	*s = append(*s, secret)
	return secret
}

// writeSecretNode writes a node with values at three places, and what clients search.
func (s *secrets) writeSecretNode(r *rig, file, state string) {
	uid, _, _ := strings.Cut(filepath.Base(file), ".")
	r.write(file, fmt.Sprintf(`{"uid": %q, "type": "node", "node_name": %q, "node_type": "t",
	"state": %q, "chassis": {"serial": %q, "name": "PowerEdge"},
	"main_memory": {"ram_size": 100}, "architecture": {"smt_size": 8},
	"network_adapters": [{"device": "eth0", "mac": %q}, {"mac": %q, "device": "eth1"}],
	"bmc": {"address": %q}, "note": %q}`,
		uid, uid, state, s.new(), s.new(), s.new(), s.new(), strings.Repeat("long ", 400)))
}

const hiding = "[privacy]\nhidden = [\"/chassis/serial\", \"/network_adapters/*/mac\", \"/bmc\", \"/old_serial\", \"?/new\"]\n"

// Nothing of what is hidden is in any byte of a release, of whatever commit and in
// whatever form, nor in answers of the live service; and no hash of git's is that would
// confirm a guess of it. This holds for builds on top of what showed it.
func TestHidden(t *testing.T) {
	t.Parallel()
	var s secrets
	r := newRig(t, 1)
	node := "sites/s1/clusters/c1/nodes/n1.json"
	s.writeSecretNode(r, node, "first")
	r.write("sites/s1/clusters/c1/nodes/n2.json", fmt.Sprintf(`{"uid": "n2", "old_serial": %q}`, s.new()))
	r.write("sites/s1/s1.json", fmt.Sprintf(`{"uid": "s1", "type": "site", "bmc": [[%q]]}`, s.new()))
	r.commit("secrets")
	s.writeSecretNode(r, node, "first")
	r.write("sites/s1/clusters/c1/nodes/n2.json", `{"uid": "n2", "type": "node"}`)
	onlyHidden := r.commit("other secrets")
	r.write("sites/s2/notes.json", fmt.Sprintf(`{"bmc": %q}`, s.new()))                            // no resource
	r.write("sites/s2/clusters/c1/nodes/n3.json", fmt.Sprintf(`{"uid": "n3", "bmc": %q`, s.new())) // not JSON
	s.writeSecretNode(r, "sites/s2/clusters/c1/nodes/gone.json", "")
	r.commit("a broken file, and a node")
	s.writeSecretNode(r, "sites/s1/store/n4.json", "")
	if err := os.Symlink("../../../store/n4.json", filepath.Join(r.dir, "data/t/sites/s1/clusters/c1/nodes/n4.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(r.dir, "data/t/sites/s2/clusters/c1/nodes/gone.json")); err != nil {
		t.Fatal(err)
	}
	r.writeNode("sites/s2/clusters/c1/nodes/n3.json")
	r.write("node_types/t.md", "What everybody may read.\n")
	s.writeSecretNode(r, "node_types/n5.md", "")
	if err := os.Symlink("../../../../../node_types/n5.md", filepath.Join(r.dir, "data/t/sites/s1/clusters/c1/nodes/n5.json")); err != nil {
		t.Fatal(err)
	}
	s.writeSecretNode(r, node, "second")
	r.commit("a link, and the node is gone")

	// Without the option everything shows, so the search finds it.
	r.mustBuild()
	files := maps.Collect(readLive(t, r.out))
	for _, secret := range s {
		if !slices.ContainsFunc(slices.Collect(maps.Values(files)),
			func(body []byte) bool { return bytes.Contains(body, []byte(secret)) }) {
			t.Errorf("%s is nowhere, without the option", secret)
		}
	}
	if !strings.Contains(answers(t, r), s[len(s)-4]) {
		t.Error("without the option, the live service answers without the secrets")
	}

	r.setConfig(hiding)
	r.advance()
	r.publish(false)
	s.check(t, r)

	if about := string(maps.Collect(readLive(t, r.out))["hardware/types/t/index.html"]); !strings.Contains(about, "What everybody may read.") {
		t.Error("the description of a type is hidden, too")
	}

	// The log is git's, although nothing is left of one of its changes.
	log := string(maps.Collect(readLive(t, r.out))["sites/s1/clusters/c1/nodes/n1/history.json"])
	if strings.Count(log, `"version":{`) != 4 && !strings.Contains(log, onlyHidden) {
		t.Errorf("the history has lost a commit: %s", log)
	}

	s.writeSecretNode(r, node, "second")
	r.commit("nothing that shows")
	r.mustBuild()
	s.check(t, r)

	// A rollback does not bring back what has become hidden.
	r.setConfig(hiding + "authors = \"hidden\"\n")
	r.mustBuild()
	rollback := func(more ...string) (int, string) {
		var out bytes.Buffer
		args := append([]string{"--config", r.config, "rollback", "--out", r.out}, more...)
		code := runAt(t.Context(), args, &out, &out, func(string) string { return "" }, r.clock, durable.OS{})
		return code, out.String()
	}
	if code, out := rollback(); code != 1 || !strings.Contains(out, "it was made with another [privacy]") {
		t.Errorf("exit code %d: %s", code, out)
	}
	r.setConfig(hiding)
	if code, out := rollback(); code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
	s.check(t, r)

	// That one is pinned now: builds warn if more becomes hidden.
	r.setConfig(hiding + "authors = \"hidden\"\n")
	const warning = "warning: the pinned release"
	if code, out := r.build(r.out); code != cli.ExitPinned || !strings.Contains(out, warning) {
		t.Errorf("exit code %d: %s", code, out)
	}
	r.setConfig(hiding)
	if code, out := r.build(r.out, "--force"); code != cli.ExitPinned || strings.Contains(out, warning) {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// mustBuild builds on top of what is live.
func (r *rig) mustBuild() {
	r.Helper()
	if code, printed := r.build(r.out, "--keep", "3"); code != 0 {
		r.Fatal(printed)
	}
}

// check looks for the secrets in the live release.
func (s secrets) check(t *testing.T, r *rig) {
	t.Helper()
	files := maps.Collect(readLive(t, r.out))
	files["the live service's answers"] = []byte(answers(t, r))
	for p, body := range files {
		for _, secret := range s {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("%s has %s", p, secret)
			}
		}
	}

	for id := range s.telling(r) {
		binary, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		for p, body := range files {
			if bytes.Contains(body, binary) || bytes.Contains(body, []byte(id)) {
				t.Errorf("%s has %s, which would confirm a guess", p, id)
			}
		}
	}
}

// telling yields the ids that git has for files with a secret, and for directories.
func (s secrets) telling(r *rig) iter.Seq[string] {
	return func(yield func(string) bool) {
		rest := r.git("cat-file", "--batch-all-objects", "--batch") + "\n"
		for rest != "" {
			var head, id, kind string
			var size int
			head, rest, _ = strings.Cut(rest, "\n")
			if _, err := fmt.Sscan(head, &id, &kind, &size); err != nil {
				r.Fatalf("%q: %v", head, err)
			}
			text := rest[:size]
			rest = rest[size+1:]

			isSecret := slices.ContainsFunc(s, func(secret string) bool { return strings.Contains(text, secret) })
			if (isSecret || kind == "tree") && !yield(id) {
				return
			}
		}
	}
}

// answers returns what the live service says of the live release.
func answers(t *testing.T, r *rig) string {
	t.Helper()
	live := newDemonstration(r.out, r.clock, nil)
	if err := live.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}

	var all strings.Builder
	ask := func(method, url, body string) {
		w := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		live.ServeHTTP(w, request)
		if w.Code != http.StatusOK {
			t.Errorf("%s %s: %d %s", method, url, w.Code, w.Body)
		}
		all.Write(w.Body.Bytes())
	}

	for _, url := range []string{"/nodes/search", "/nodes?limit=9", "/sites?limit=9", "/sites/s1/clusters/c1/nodes?limit=9",
		"/sites/s1/clusters/c1/nodes/n1/versions?limit=9", "/nodes/availability", "/availability", "/nodes/slots?nodes=1"} {
		ask(http.MethodGet, url, "")
	}
	ask(http.MethodPost, "/nodes/search", `{"filter_set": [{"labels": {"chassis.name": "PowerEdge"}}]}`)

	return all.String()
}

// A pointer that hides nothing may have a typing error: nothing is published.
func TestUnmatchedPointer(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	for hidden, want := range map[string]string{
		`"/note"`:            "",
		`"/gone"`:            "",
		`"?/nothing"`:        "",
		`"/note", "/noet"`:   "hides: /noet",
		`"/main_memory/*/x"`: "hides: /main_memory/*/x",
		`"note"`:             `line 2: key "privacy.hidden": "note" is not a pointer`,
		`"/uid"`:             "would hide the uid",
		`"/*"`:               "would hide the uid",
	} {
		r.write("sites/s1/clusters/c1/nodes/n9.json", `{"uid": "n9", "gone": 1}`)
		r.commit("with a member")
		r.write("sites/s1/clusters/c1/nodes/n9.json", `{"uid": "n9"}`)
		r.commit("without it")

		r.setConfig("[privacy]\nhidden = [" + hidden + "]\n")
		commands := []string{"check"} // which is faster
		if hidden == `"/gone"` || want != "" {
			commands = append(commands, "build")
		}
		for _, command := range commands {
			var out bytes.Buffer
			args := []string{"--config", r.config, command, "--repo", r.dir}
			if command == "build" {
				args = append(args, "--out", t.TempDir())
			}
			code := runAt(t.Context(), args, &out, &out, func(string) string { return "" }, r.clock, durable.OS{})
			if code == 0 != (want == "") || !strings.Contains(out.String(), want) {
				t.Errorf("%s, hidden = %s: exit code %d, want %q in\n%s", command, hidden, code, want, &out)
			}
		}
	}
}

// Hidden values that are public in other members, in older commits or in messages are
// found when they are looked for.
func TestSearchHidden(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	r.write("sites/s1/clusters/c1/nodes/n9.json", `{"uid": "n9", "old": [{"sn": "SN123456"}]}`)
	old := r.commit("add SN123456.")
	r.write("sites/s1/clusters/c1/nodes/n9.json", `{"uid": "n9", "serial": "SN123456"}`)
	r.commit("rename it")
	r.setConfig("[privacy]\nhidden = [\"/serial\"]\n")

	var out bytes.Buffer
	args := []string{"--config", r.config, "check", "--search-hidden", "--repo", r.dir}
	code := runAt(t.Context(), args, &out, &out, func(string) string { return "" }, r.clock, durable.OS{})
	for _, want := range []string{
		fmt.Sprintf("commit %.12s: warning: /old/*/sn has 1 value that /serial hides, in this commit in data/t/sites/s1", old),
		fmt.Sprintf("commit %.12s: warning: has a message with a value that /serial hides", old),
	} {
		if code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("exit code %d, want %q in\n%s", code, want, &out)
		}
	}
}

// Authors go by the names of .mailmap, in all files; and where they are hidden, their
// names are in none.
func TestAuthors(t *testing.T) {
	t.Parallel()
	const old, proper, email = "Zoe Quux", "Z. Proper", "zq@example.net"
	r := newRig(t, 1)
	r.write("sites/s1/s1.json", `{"uid": "s1", "type": "site"}`)
	r.git("add", "--all")
	r.git("commit", "--quiet", "--author", old+" <"+email+">", "--message",
		"a site\n\nSeconded-by: "+old+" <"+email+">\nSeconded-by: "+old+"\nA line that stays\n")
	r.mustBuild()
	if found := reachable(t, r.out, old); !slices.ContainsFunc(found, func(p string) bool {
		return strings.HasPrefix(p, "immutable/")
	}) {
		t.Errorf("the author is in %q", found)
	}

	if len(reachable(t, r.out, "Seconded-by")) == 0 {
		t.Error("there is no message")
	}
	if err := os.WriteFile(filepath.Join(r.dir, ".mailmap"), []byte(proper+" <ZQ@example.net>\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.commit("another name")
	r.mustBuild()
	if found := reachable(t, r.out, `"`+old+`"`); len(found) > 0 {
		t.Errorf("these files have the old name: %q", found)
	}
	if len(reachable(t, r.out, proper)) == 0 {
		t.Error("no file has the proper name")
	}

	r.options = []string{"--set", "privacy.authors=hidden"}
	r.mustBuild()
	for _, text := range []string{old, proper, email, "Quux", "Seconded-by"} {
		if found := reachable(t, r.out, text); len(found) > 0 {
			t.Errorf("these files have %q: %q", text, found)
		}
	}
	if len(reachable(t, r.out, "A line that stays")) == 0 {
		t.Error("a line of the message is gone")
	}
}
