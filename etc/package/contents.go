package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2/files"
)

const maintainer = "The refapi authors <noreply@github.com>"

// programs are those of the package.
var programs = []string{"refgen", "availapi"}

// contents collects the files of the package.
type contents struct {
	options
	work string
	date time.Time
	all  files.Contents
}

// add adds a file of the project, or of the machine.
func (c *contents) add(source, destination, kind string, mode os.FileMode) {
	c.all = append(c.all, &files.Content{Source: source, Destination: destination, Type: kind,
		FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: c.date}})
}

// addText adds a file that is made here.
func (c *contents) addText(destination, kind string, text []byte) error {
	name := filepath.Join(c.work, fmt.Sprint(len(c.all)))
	c.add(name, destination, kind, 0o644)
	return os.WriteFile(name, text, 0o644)
}

func (c *contents) etc(name string) string { return filepath.Join(c.root, "etc", name) }

func (c *contents) addPrograms() error {
	for _, name := range programs {
		c.add(filepath.Join(c.programs, name), "/usr/bin/"+name, files.TypeFile, 0o755)
	}
	return nil
}

// addManuals adds what the programs print about themselves.
func (c *contents) addManuals() error {
	for _, name := range programs {
		for form, file := range map[string]string{
			"man":  "/usr/share/man/man1/" + name + ".1.gz",
			"bash": "/usr/share/bash-completion/completions/" + name,
			"zsh":  "/usr/share/zsh/vendor-completions/_" + name,
			"fish": "/usr/share/fish/vendor_completions.d/" + name + ".fish",
		} {
			text, err := output(filepath.Join(c.native, name), "--help-as", form)
			if err != nil {
				return err
			}
			bytes := []byte(text)
			if form == "man" {
				bytes = compressed(bytes)
			}
			if err := c.addText(file, files.TypeFile, bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contents) addUnits() error {
	for _, name := range []string{"refgen.service", "availapi.service", "refapi-nginx.service", "refapi.target"} {
		c.add(c.etc(name), "/lib/systemd/system/"+name, files.TypeFile, 0o644)
	}
	c.add(c.etc("package/sysusers.conf"), "/usr/lib/sysusers.d/refapi.conf", files.TypeFile, 0o644)
	c.add(c.etc("package/tmpfiles.conf"), "/usr/lib/tmpfiles.d/refapi.conf", files.TypeFile, 0o644)
	return nil
}

// installed are the keys whose defaults are for a checkout, with their values here.
var installed = map[string]string{
	"out":       `"/var/lib/refapi/public"`,
	"state_dir": `"/var/lib/availapi"`,
}

// addConfiguration adds etc/config.toml, with the directories of the units.
func (c *contents) addConfiguration() error {
	source, err := os.ReadFile(c.etc("config.toml"))
	if err != nil {
		return err
	}

	text := string(source)
	for key, value := range installed {
		line := regexp.MustCompile(`(?m)^# ` + key + ` = "[^"]*"`)
		if n := len(line.FindAllString(text, -1)); n != 1 {
			return fmt.Errorf("etc/config.toml has the key %s %d times, want once", key, n)
		}
		text = line.ReplaceAllString(text, key+" = "+value)
	}

	c.add(c.etc("package/logrotate"), "/etc/logrotate.d/refapi", files.TypeConfig, 0o644)
	c.add("", "/etc/refapi/openstack", files.TypeDir, 0o700)
	return c.addText("/etc/refapi/config.toml", files.TypeConfig, []byte(text))
}

func (c *contents) addDocs() error {
	c.add(c.etc("package/lintian-overrides"), "/usr/share/lintian/overrides/refapi", files.TypeFile, 0o644)
	c.add(c.etc("package/copyright"), "/usr/share/doc/refapi/copyright", files.TypeFile, 0o644)

	// Policy wants two: that of the authors, and that of the package.
	upstream, err := os.ReadFile(filepath.Join(c.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if err := c.addText("/usr/share/doc/refapi/changelog.gz", files.TypeFile, compressed(upstream)); err != nil {
		return err
	}
	entry := fmt.Sprintf("refapi (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n",
		c.version, maintainer, c.date.Format(time.RFC1123Z))
	return c.addText("/usr/share/doc/refapi/changelog.Debian.gz", files.TypeFile, compressed([]byte(entry)))
}

// output is what a program prints.
func output(program string, args ...string) (string, error) {
	absolute, err := filepath.Abs(program)
	if err != nil {
		return "", err
	}
	out, err := exec.Command(absolute, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
	}
	return string(out), nil
}
