// Image makes the container image of the reference API as an archive of an OCI layout, without
// a container engine: static binaries of ours, and nginx with what it loads from Debian's
// packages, at the versions of packages.txt. The same input makes the same digest.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	bin, packages, cache, out, layout string
	architectures                     []string
	description
}

func parse(args []string) (*options, error) {
	var o options
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}

	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.bin, "bin", "", "directory with linux_ARCH/refgen, availapi and refapi")
	flags.StringVar(&o.packages, "packages", "packages.txt", "list of Debian's packages")
	flags.StringVar(&o.cache, "cache", filepath.Join(cache, "refapi", "debian"), "directory for packages")
	flags.StringVar(&o.out, "o", "", "archive to write")
	flags.StringVar(&o.layout, "layout", "", "OCI layout to write, a new directory")
	flags.StringVar(&o.version, "version", "", "version of the programs")
	flags.StringVar(&o.revision, "revision", "", "commit that they were built from")
	created := flags.Int64("created", 0, "its time, in seconds since 1970")
	architectures := flags.String("arch", "amd64,arm64", "architectures")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}

	if o.bin == "" || o.version == "" || o.out == "" && o.layout == "" {
		return nil, fmt.Errorf("want -bin, -version, and -o or -layout")
	}
	o.created = time.Unix(*created, 0).UTC()
	o.architectures = strings.Split(*architectures, ",")
	return &o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}

	images := map[string]v1.Image{}
	for _, arch := range o.architectures {
		if images[arch], err = o.image(ctx, arch); err != nil {
			return fmt.Errorf("%s: %w", arch, err)
		}
	}
	index := makeIndex(o.description, images, o.architectures)

	dir := o.layout
	if dir == "" {
		if dir, err = os.MkdirTemp("", "image-*"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	if err := writeLayout(dir, index, o.description); err != nil {
		return err
	}
	if o.out != "" {
		if err := archiveLayout(dir, o.out, o.created); err != nil {
			return err
		}
	}

	digest, err := index.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Println(digest)
	return err
}

// image makes the image of one architecture.
func (o *options) image(ctx context.Context, arch string) (v1.Image, error) {
	list, err := os.Open(o.packages)
	if err != nil {
		return nil, err
	}
	defer list.Close()

	snapshot, packages, err := readPackages(list, arch)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.packages, err)
	}
	debian, err := unpack(ctx, o.cache, snapshot, packages)
	if err != nil {
		return nil, err
	}

	base, err := baseFiles(debian)
	if err != nil {
		return nil, err
	}
	app, err := appFiles(filepath.Join(o.bin, "linux_"+arch))
	if err != nil {
		return nil, err
	}
	return makeImage(arch, o.description, base, app)
}
