package gitrepo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// mirror is a bare clone of a remote repository. It is a cache: if anything is
// wrong with it, it is cloned again. Whoever changes it holds its lock.
type mirror struct {
	fs      durable.FS
	dir     string
	fetcher fetcher
}

// mirrorConfig is the configuration of every clone.
const mirrorConfig = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"

// recordFile has what the server advertised at the last fetch, an empty line, and the
// SHA-256 of each file of the clone. Clones that are made differently need another name.
const recordFile = "fetched"

// Numbers of files with objects above which they are repacked.
const (
	maxPacks = 20
	maxFiles = 2000 // single objects included, which dumb HTTP brings
)

// openRemote brings the clone of a remote repository up to date and opens it.
func openRemote(ctx context.Context, location string, o Options) (*Repo, error) {
	r, err := parseRemote(location)
	if err != nil {
		return nil, err
	}
	if err := r.useToken(o); err != nil {
		return nil, err
	}

	if o.SSHKey != "" {
		if _, err := os.Stat(o.SSHKey); err != nil {
			return nil, hint.Wrap(fmt.Errorf("read the SSH key: %w", err), "check `ssh_key` (--ssh-key)")
		}
	}

	if o.CacheDir == "" {
		err := fmt.Errorf("fetch repository %s: no directory for its clone, since HOME is not set", r.label)
		return nil, hint.Wrap(err,
			"set HOME, XDG_CACHE_HOME or, as CacheDirectory= of systemd does, CACHE_DIRECTORY to an absolute path")
	}

	// The repository may be private.
	if err := o.fs().MkdirAll(o.CacheDir, 0o700); err != nil {
		return nil, hint.Wrap(fmt.Errorf("make the directory for clones: %w", err),
			"set XDG_CACHE_HOME to a writable directory")
	}

	if o.FetchTimeout > 0 {
		late := hint.Wrap(fmt.Errorf("fetch repository %s: it takes longer than %v", r.label, o.FetchTimeout),
			"check the network, or raise `fetch_timeout_seconds` (--fetch-timeout)")
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.FetchTimeout, late)
		defer cancel()
	}

	return r.mirror(o).open(ctx, r, o)
}

// mirror is the clone of a remote repository. Its name does not depend on
// credentials.
func (r *remote) mirror(o Options) *mirror {
	sum := sha256.Sum256([]byte(r.url))
	m := &mirror{fs: o.fs(), dir: filepath.Join(o.CacheDir, hex.EncodeToString(sum[:8])+".git")}
	if o.Git != "" {
		m.fetcher = &gitProgram{path: o.Git, environ: o.Environ, remote: r, sshKey: o.SSHKey}
	} else {
		m.fetcher = &libraryFetcher{r, o.SSHKey}
	}
	return m
}

func (m *mirror) open(ctx context.Context, r *remote, o Options) (*Repo, error) {
	unlock, err := durable.Lock(ctx, m.dir+".lock", 0o600)
	if err == nil {
		defer unlock()
		err = m.update(ctx)
	}

	var failed *failure
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &failed):
		return nil, r.explain(failed, o)
	case err != nil:
		return nil, hint.Wrap(fmt.Errorf("fetch repository %s: %w", r.label, err),
			"check the directory for clones, %s", o.CacheDir)
	}

	return openDir(m.dir, o)
}

// update makes the mirror equal to the server's repository. If that fails for a reason
// other than the server, it is cloned again, once.
func (m *mirror) update(ctx context.Context) error {
	ad, err := m.fetcher.list(ctx)
	if err != nil {
		return err
	}

	// A process that was killed may have left these; we hold the lock.
	next, old := m.dir+".new", m.dir+".old"
	if err := errors.Join(m.fs.RemoveAll(next), m.fs.RemoveAll(old)); err != nil {
		return err
	}
	if m.refresh(ctx, ad) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}

	return m.renew(ctx, ad, next, old)
}

var errDamaged = errors.New("the clone is damaged")

// refresh fetches what is new. Only reading all files shows that no bit of an old pack
// has changed since the last fetch.
func (m *mirror) refresh(ctx context.Context, ad *advertisement) error {
	record, err := m.fs.ReadFile(filepath.Join(m.dir, recordFile))
	if err != nil {
		return err
	}

	sums, err := m.computeSums()
	if err != nil {
		return err
	}

	listed, recorded, _ := bytes.Cut(record, []byte("\n\n"))
	switch {
	case !bytes.Equal(sums, recorded):
		return errDamaged
	case string(listed) == ad.text():
		return nil
	}

	return m.fetch(ctx, ad)
}

// fetch brings HEAD, objects and references up to date, and records them.
func (m *mirror) fetch(ctx context.Context, ad *advertisement) error {
	if err := m.setHead(ad.head); err != nil {
		return err
	}
	if err := m.fetcher.fetch(ctx, m.dir, ad.refspecs()); err != nil {
		return err
	}

	sums, err := m.computeSums()
	if err != nil {
		return err
	}

	if bytes.Count(sums, []byte(".pack\n")) > maxPacks || bytes.Count(sums, []byte("  objects/")) > maxFiles {
		if err := m.fetcher.repack(ctx, m.dir); err != nil {
			return err
		}
		if sums, err = m.computeSums(); err != nil {
			return err
		}
	}

	return m.replaceFile(recordFile, ad.text()+"\n\n"+string(sums))
}

// renew clones next to the mirror and then replaces it, so that an interrupted clone is
// never used.
func (m *mirror) renew(ctx context.Context, ad *advertisement, dir, old string) error {
	next := &mirror{m.fs, dir, m.fetcher}
	defer m.fs.RemoveAll(next.dir)

	if err := next.create(); err != nil {
		return err
	}
	if err := next.fetch(ctx, ad); err != nil {
		return err
	}

	if err := m.fs.Rename(m.dir, old); err != nil && !isMissing(err) {
		return err
	}
	if err := m.fs.Rename(next.dir, m.dir); err != nil {
		return err
	}

	return m.fs.RemoveAll(old)
}

// create makes an empty bare repository.
func (m *mirror) create() error {
	for _, dir := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags"} {
		if err := m.fs.MkdirAll(filepath.Join(m.dir, filepath.FromSlash(dir)), 0o700); err != nil {
			return err
		}
	}

	if err := m.replaceFile("config", mirrorConfig); err != nil {
		return err
	}
	return m.replaceFile("HEAD", "ref: refs/heads/main\n")
}

// setHead makes HEAD name what the server's does; where it has none, HEAD stays.
func (m *mirror) setHead(head string) error {
	now, err := m.fs.ReadFile(filepath.Join(m.dir, "HEAD"))
	if err != nil {
		return err
	}
	if head == "" || string(now) == head+"\n" {
		return nil
	}

	return m.replaceFile("HEAD", head+"\n")
}

// computeSums returns a checksum for each file except the record, in the format of
// sha256sum(1), and removes what an interrupted fetch has left.
func (m *mirror) computeSums() ([]byte, error) {
	var out bytes.Buffer
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		name, err := filepath.Rel(m.dir, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case name == "objects/info":
			return fs.SkipDir // lists that git derives
		case d.IsDir() || strings.HasPrefix(name, recordFile):
			return nil
		case strings.HasPrefix(d.Name(), "tmp_"):
			return m.fs.Remove(path)
		}

		sum, err := sumFile(path)
		fmt.Fprintf(&out, "%x  %s\n", sum, name)
		return err
	})

	return out.Bytes(), err
}

func sumFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// replaceFile writes a file in place of the one of that name.
func (m *mirror) replaceFile(name, text string) error {
	return durable.WriteFile(m.fs, filepath.Join(m.dir, name), 0o600, func(f durable.File) error {
		_, err := io.WriteString(f, text)
		return err
	})
}

// tokenUser is the user of a token where the URL names none. GitHub's own tokens
// need it, and others accept any.
const tokenUser = "x-access-token"

// useToken makes a token the password, unless the location has one.
func (r *remote) useToken(o Options) error {
	token := strings.TrimSpace(o.Token)
	if o.TokenFrom == "" || !isHTTP(r.scheme) || r.hasPassword {
		return nil
	}
	if token == "" || strings.ContainsAny(token, "\r\n\x00") {
		err := fmt.Errorf("fetch repository %s: the token of %s is empty, or has several lines", r.label, o.TokenFrom)
		return hint.Wrap(err, "put the token alone into it")
	}

	r.password, r.hasPassword, r.fromToken = token, true, true
	r.secrets = append(r.secrets, token)
	if r.user == "" {
		r.user = tokenUser
	}

	return nil
}

// DefaultFetchTimeout is the default time limit for fetching a repository.
const DefaultFetchTimeout = 5 * time.Minute
