package install

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

var container = flag.Bool("container", false, "install the package in a fresh Debian, and type the guide there")

// block is one block of commands of docs/operating.md.
type block struct {
	section string // its heading
	text    string
	skip    string // why it is not typed
}

// name finds a block again: its section and its first words.
func (b block) name() string {
	line, _, _ := strings.Cut(b.text, "\n")
	return b.section + ": " + line
}

// A comment before a block says why it is not typed, for all blocks up to the next heading.
var guideParts = regexp.MustCompile("(?ms)^##+ ([^\n]+)$|^<!-- not typed: ([^\n]+) -->$|^```sh\n(.*?)^```$")

func guide(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, "docs", "operating.md"))
	if err != nil {
		t.Fatal(err)
	}

	var all []block
	var now block
	for _, m := range guideParts.FindAllStringSubmatch(string(text), -1) {
		switch {
		case m[1] != "":
			now = block{section: m[1]}
		case m[2] != "":
			now.skip = m[2]
		default:
			now.text = m[3]
			all = append(all, now)
		}
	}
	return all
}

// TestGuideIsTyped counts the blocks: those that are not typed here say why, and where
// else they run. What edits the configuration changes one line of it.
func TestGuideIsTyped(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.toml")
	text, err := os.ReadFile(filepath.Join(project, "etc", "config.toml"))
	if err != nil {
		t.Fatal(err)
	}

	var typed, skipped int
	for _, b := range guide(t) {
		if out, err := exec.Command("bash", "-n", "-c", b.text).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", b.name(), err, out)
		}
		if b.skip != "" {
			skipped++
			continue
		}
		typed++

		for line := range strings.Lines(b.text) {
			if !strings.HasPrefix(line, "sed -i ") {
				continue
			}
			if err := os.WriteFile(config, text, 0o644); err != nil {
				t.Fatal(err)
			}
			run(t, nil, "sh", "-c", strings.ReplaceAll(line, "/etc/refapi/config.toml", config))
			after, err := os.ReadFile(config)
			if n := differ(text, after); err != nil || n != 1 {
				t.Errorf("%v: this changes %d lines of etc/config.toml, want one: %s", err, n, line)
			}
		}
	}
	if typed != wantTyped || skipped != wantSkipped {
		t.Errorf("%d blocks of docs/operating.md are typed and %d are not, want %d and %d",
			typed, skipped, wantTyped, wantSkipped)
	}
}

// differ counts the lines that two texts of the same number of lines do not share.
func differ(a, b []byte) (n int) {
	lines := bytes.Split(b, []byte("\n"))
	for i, line := range bytes.Split(a, []byte("\n")) {
		if i >= len(lines) || !bytes.Equal(line, lines[i]) {
			n++
		}
	}
	return n
}

// How many blocks the guide has, so that none gets lost.
const (
	wantTyped   = 25
	wantSkipped = 11
)

// TestGuide types the guide from the first command to the last, in a Debian that has
// nothing of ours.
func TestGuide(t *testing.T) {
	if !*container {
		t.Skip("not asked to install the package in a Debian: make test-install does")
	}
	for _, program := range []string{"debootstrap", "systemd-nspawn", "nsenter", "dpkg-deb"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed (apt-get install debootstrap systemd-container)", program)
		}
	}
	if os.Getuid() != 0 || runtime.GOARCH != "amd64" {
		t.Skip("not root on amd64: no Debian can be booted")
	}

	o := newOperator(t)
	before, after := o.before(), o.after()
	for _, b := range guide(t) {
		if b.skip != "" {
			continue
		}
		t.Logf("%s", b.name())
		if prepare := take(before, b); prepare != nil {
			prepare()
		}
		out := o.run(t, b.text)
		if look := take(after, b); look != nil {
			look(out)
		}
	}

	for name := range before {
		t.Errorf("no block begins with %q", name)
	}
	for name := range after {
		t.Errorf("no block begins with %q", name)
	}
}

// take takes what belongs to a block out of a table of the beginnings of names.
func take[F any](table map[string]F, b block) (f F) {
	for prefix := range table {
		if strings.HasPrefix(b.name(), prefix) {
			f = table[prefix]
			delete(table, prefix)
			return f
		}
	}
	return f
}

// operator is at a Debian with the guide, the package in two versions, and a reference
// repository.
type operator struct {
	*debian
	t          *testing.T
	repository *gittest.Repo
	packages   string // directory of the packages, here

	commits []string
	tag     string // ETag of /sites before all was thrown away
	nginx   string // process id of nginx before the upgrade
}

// The guide goes back to the first.
const oldVersion, newVersion = "1.1.0", "1.2.0"

func newOperator(t *testing.T) *operator {
	programs, packages := build(t), t.TempDir()
	for version, dir := range map[string]string{oldVersion: packages + "/old", newVersion: packages + "/new"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		run(t, nil, "mv", pack(t, programs, version), dir)
	}

	repository := gittest.Init(t)
	bundle, err := filepath.Abs(project + "/internal/sample/testbed.bundle")
	if err != nil {
		t.Fatal(err)
	}
	repository.Git("pull", "--quiet", bundle, "main")

	o := &operator{t: t, repository: repository, packages: packages, commits: []string{repository.Head()}}
	o.debian = boot(t, repository.Dir+":/srv/git/reference-repository", packages+":/srv/packages")

	// What the guide takes for granted: the packages are where it is typed, the repository
	// is at its URL, and apt's questions are answered.
	o.run(t, `mkdir `+home+` && cd `+home+`
cp /srv/packages/old/*.deb .
echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/90yes
git='[url "file:///srv/git/"]\n\tinsteadOf = https://github.com/ChameleonCloud/\n[safe]\n\tdirectory = *\n'
printf "$git" > /etc/gitconfig`)
	return o
}

const mainPID = "systemctl show --property MainPID --value refapi-nginx"

const manifest = "curl -sS --retry 10 http://127.0.0.1:8000/manifest.json"

// serves waits for a commit at nginx.
func (o *operator) serves(commit string) {
	o.t.Helper()
	o.until(o.t, manifest+" | grep -q "+commit)
}

// before is what happens before a block.
func (o *operator) before() map[string]func() {
	return map[string]func(){
		"Add availability: install": func() {
			o.run(o.t, `cat > clouds.yaml <<'END'
clouds:
  chi_uc:
    region_name: CHI@UC
    auth:
      auth_url: http://127.0.0.1:5000/v3
      application_credential_id: id
      application_credential_secret: secret
    auth_type: v3applicationcredential
END`)
		},

		// A push arrives by the webhook.
		"Roll back: refgen releases": func() {
			o.repository.Write("README.md", "The reference of a testbed.\n")
			o.commits = append(o.commits, o.repository.Commit("A bad one"))
			o.run(o.t, `body='{"ref":"refs/heads/main"}'
sum=$(printf %s "$body" | openssl dgst -sha256 -hmac "$(cat /etc/refapi/webhook)" | sed 's/.* //')
curl -sS -f -X POST -H 'Content-Type: application/json' -H 'X-GitHub-Event: push' -H 'X-GitHub-Delivery: 1' \
	-H "X-Hub-Signature-256: sha256=$sum" -d "$body" http://127.0.0.1:8000/-/webhook`)
			o.serves(o.commits[1])
		},

		"Upgrade: apt install ./refapi_*.deb": func() {
			o.nginx = o.run(o.t, mainPID)
			o.run(o.t, "rm *.deb; cp /srv/packages/new/*.deb .")
		},
		"Upgrade: apt install --allow-downgrades": func() {
			o.run(o.t, "cp /srv/packages/old/*.deb .")
		},

		"Recover: systemctl stop": func() {
			o.tag = o.run(o.t, "curl -sS -f -o /dev/null -w '%header{etag}' http://127.0.0.1:8000/sites")
		},
		"Recover: tar -xzf": func() {
			o.run(o.t, "apt-get purge refapi; apt-get install ./refapi_"+oldVersion+"_amd64.deb")
		},
	}
}

// after is what is true after a block, which printed out.
func (o *operator) after() map[string]func(out string) {
	version := func(want string) func(string) {
		return func(string) {
			o.run(o.t, "test \"$(dpkg-query -f '${Version}' -W refapi)\" = "+want)
			o.run(o.t, "systemctl is-active refgen availapi refapi-nginx refapi.target")
			o.serves(o.commits[1])
			if pid := o.run(o.t, mainPID); pid != o.nginx {
				o.t.Errorf("nginx was process %s and is %s: connections were lost", o.nginx, pid)
			}
		}
	}

	return map[string]func(string){
		"Install: curl": func(out string) {
			if !strings.Contains(out, `"uid"`) && !strings.Contains(out, `"items"`) {
				o.t.Errorf("/sites is %s", out)
			}
			o.serves(o.commits[0])
			o.run(o.t, `test -z "$(systemctl --failed --plain --no-legend)" || { systemctl --failed; exit 1; }`)
		},
		"Install: sed -i '/^\\[server": func(string) {
			o.run(o.t, "curl -sS -f -g 'http://[::1]:8000/sites'")
		},
		"Add availability: curl": func(out string) {
			if !strings.HasPrefix(out, "{") && !strings.Contains(out, "\n{") {
				o.t.Errorf("/availability is %s", out)
			}
		},
		"Roll back: refgen releases": func(out string) {
			o.serves(o.commits[0])
		},
		"Roll back: refgen unpin":                 func(string) { o.serves(o.commits[1]) },
		"Upgrade: apt install ./refapi_*.deb":     version(newVersion),
		"Upgrade: apt install --allow-downgrades": version(oldVersion),
		"Recover: systemctl stop": func(string) {
			o.serves(o.commits[1])
			o.run(o.t, "test \"$(curl -sS -f -o /dev/null -w '%header{etag}' http://127.0.0.1:8000/sites)\" = '"+o.tag+"'")
		},
		"Recover: tar -xzf": func(string) { o.serves(o.commits[1]) },
		"Serve: install -d": func(string) {
			o.run(o.t, "curl -sS -f http://127.0.0.1:8080/sites")
		},
		"Remove: apt remove": func(string) {
			o.run(o.t, `! ls -d /etc/refapi /var/lib/refapi /var/cache/refapi /var/log/refapi /usr/bin/refgen 2>/dev/null`)
			o.run(o.t, `! systemctl is-active refgen availapi refapi-nginx refapi.target`)
		},
	}
}
