// Package makes the Debian package: the programs, what they print about themselves, and
// the files of etc.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "make the package:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	root     string // the project
	native   string // programs that run here; they print their help
	programs string // programs of the package
	arch     string
	version  string
	out      string // directory of the package
	at       int64  // date of the package's files
}

func run(args []string, stdout io.Writer) error {
	var o options
	flags := flag.NewFlagSet("package", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", "../..", "the project's directory")
	flags.StringVar(&o.native, "native", "", "directory of programs that run here")
	flags.StringVar(&o.programs, "programs", "", "directory of the programs in the package")
	flags.StringVar(&o.arch, "arch", "amd64", "architecture")
	flags.StringVar(&o.version, "version", "", "version")
	flags.StringVar(&o.out, "out", ".", "directory of the package")
	flags.Int64Var(&o.at, "date", 0, "date of the files, in Unix time")
	if err := flags.Parse(args); err != nil {
		return err
	}

	work, err := os.MkdirTemp("", "refapi-package-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	info, err := o.describe(work)
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}

	var text bytes.Buffer
	if err := deb.Default.Package(info, &text); err != nil {
		return err
	}
	name := filepath.Join(o.out, deb.Default.ConventionalFileName(info))
	if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
		return err
	}

	_, err = fmt.Fprintln(stdout, name)
	return err
}

const description = `reference API for testbed hardware
 refgen turns a git repository of JSON files, which describe the machines of a
 testbed, into a static API that nginx serves. It follows the repository and
 publishes each commit. availapi adds which machines are free, from OpenStack
 Blazar.
 .
 The units of the package run both programs and an nginx of their own.`

// describe puts the package together. Files that it makes are in work.
func (o options) describe(work string) (*nfpm.Info, error) {
	date := time.Unix(o.at, 0).UTC()
	c := contents{options: o, work: work, date: date}
	for _, add := range []func() error{c.addPrograms, c.addManuals, c.addUnits, c.addConfiguration, c.addDocs} {
		if err := add(); err != nil {
			return nil, err
		}
	}

	script := func(name string) string { return filepath.Join(o.root, "etc/package", name) }
	return &nfpm.Info{
		Name: "refapi", Arch: o.arch, Platform: "linux", Version: o.version, VersionSchema: "none",
		Section: "web", Priority: "optional", Maintainer: maintainer, Description: description,
		Homepage: "https://github.com/chameleoncloud/refapi", MTime: date, DisableGlobbing: true,
		Overridables: nfpm.Overridables{
			Depends: []string{"systemd (>= 250)", "nginx (>= 1.22)",
				"libnginx-mod-http-brotli-static", "git (>= 1:2.31)", "ca-certificates"},
			Recommends: []string{"logrotate", "openssh-client"},
			Scripts: nfpm.Scripts{PostInstall: script("postinst"), PreRemove: script("prerm"),
				PostRemove: script("postrm")},
			Deb:      nfpm.Deb{Compression: "gzip"},
			Contents: c.all,
		},
	}, nil
}

// compressed is what gzip -9n makes of a text.
func compressed(text []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		panic(err) // a buffer takes all
	}
	return out.Bytes()
}
