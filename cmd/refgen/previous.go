package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/verify"
)

// openTree opens a published tree: a directory, or a server by its URL.
func openTree(name string) (verify.Source, error) {
	if !strings.Contains(name, "://") {
		return verify.Dir(name), nil
	}

	src, err := verify.URL(name, &http.Client{Timeout: time.Minute})
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	return src, nil
}

// openEarlier opens the release that is given as the previous one; nil if there is none, or
// none that can be read, of which notTaken tells. The context bounds its use.
func (f *buildFlags) openEarlier(ctx context.Context) (earlier *publish.Earlier, notTaken string, err error) {
	if f.Previous == "" {
		return nil, "", nil
	}

	src, err := openTree(f.Previous)
	if err != nil {
		return nil, "", err
	}

	m, err := src.Manifest(ctx)
	if err == nil {
		err = m.Load()
	}
	if err != nil {
		return nil, fmt.Sprintf("--previous %s: everything is rendered: %v", f.Previous, err), nil
	}

	return &publish.Earlier{
		Manifest: m,
		Read: func(within context.Context, form tree.Form) ([]byte, error) {
			// The build goes on when the time for fetching is over.
			within, cancel := context.WithCancelCause(within)
			defer cancel(nil)
			defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()

			doc, err := src.Read(within, form)
			if err == nil && doc == nil {
				err = publish.ErrNotServed
			}
			if err != nil {
				return nil, errors.Join(err, context.Cause(within))
			}
			return doc.Body, nil
		},
	}, "", nil
}

// writeChangedFiles writes the list of files that differ from the earlier release, or would.
// While a release is pinned, none do.
func (cmd *buildCmd) writeChangedFiles(fsys durable.FS, r *publish.Report, dry bool) error {
	if cmd.ChangedFiles == "" {
		return nil
	}

	write := func(f durable.File) error {
		if r.Pinned != "" && !dry {
			return nil
		}
		return r.WriteChanges(f)
	}
	if err := durable.WriteFile(fsys, cmd.ChangedFiles, 0o644, write); err != nil {
		return fmt.Errorf("write the list of changed files: %w", err)
	}
	return nil
}
