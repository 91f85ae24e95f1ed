package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// The commands of the guide that copy a release or an output directory, and the one of
// the workflow, bring every file, with its time: also those of the store.
func TestCopiesOfTheGuide(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readDoc(t, "operating.md"), "\n## Other hosting\n")
	section, _, _ = strings.Cut(section, "\n## ")
	commands := shellBlock.FindAllStringSubmatch(section, -1)
	if len(commands) != 3 {
		t.Fatalf("docs/operating.md has %d blocks of commands about copies, want 3", len(commands))
	}

	workflow, err := os.ReadFile("../../.github/workflows/publish.yml")
	if err != nil {
		t.Fatal(err)
	}
	archive := regexp.MustCompile(`(?m)^ *tar .*$`).FindString(string(workflow))

	out := treetest.Sample(t, build.Options{}).Root
	const unpack = "\nmkdir www && tar -C www -xzf site.tar.gz"

	for name, tt := range map[string]struct{ script, copy string }{
		"directory": {script: commands[0][1], copy: "www"},
		"archive":   {script: commands[1][1] + unpack, copy: "www"},
		"workflow":  {script: strings.ReplaceAll(archive, "site/", out+"/") + unpack, copy: "www"},
		"mirror":    {script: commands[2][1], copy: "mirror"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command("sh", "-euc", strings.NewReplacer("mirror.example.org:/srv/refapi", "mirror",
				"/srv/refapi", out, "/srv/www", "www").Replace(tt.script))
			cmd.Dir = dir
			if printed, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", cmd, err, printed)
			}

			tree := filepath.Join(dir, tt.copy)
			if name != "mirror" { // one directory, as a web server has it
				if _, err := os.Lstat(filepath.Join(tree, "immutable")); !os.IsNotExist(err) {
					t.Error("the link to the store was copied")
				}
				s := httptest.NewServer(treehttp.New(tree, treehttp.Options{}))
				t.Cleanup(s.Close)
				tree = s.URL
			}
			if code, printed := refgen(t, "refgen verify "+tree); code != cli.ExitOK || !strings.Contains(printed, " 0 faults") {
				t.Errorf("exit code %d\n%s", code, printed)
			}
		})
	}
}
