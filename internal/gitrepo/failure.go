package gitrepo

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"regexp"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// failureKind is the reason why a remote repository cannot be read; the advice depends
// on it.
type failureKind int

const (
	unclear          failureKind = iota
	needsCredentials             // the server requires credentials
	rejected                     // the server rejects the credentials
	denied                       // the credentials are valid, but do not give access
	sshRejected                  // no key opens the SSH server
	unknownHostKey               // SSH does not know the server's key, or another one
	openKeyFile                  // SSH refuses a key that others may read
	noProgram                    // git lacks a program, such as ssh
	notFound                     // the repository does not exist
	noSuchHost                   // the host's name does not resolve
	unreachable                  // no connection
	untrusted                    // TLS does not trust the server
	noGitServer                  // the response is not git's smart protocol
	otherHashes                  // objects are named by SHA-256
	badProtocol                  // the URL's scheme is not allowed
	noSpace                      // the disk is full
)

// failure is why a remote repository could not be read.
type failure struct {
	kind   failureKind
	detail string // a sentence of the program or library that failed, without secrets
}

func (f *failure) Error() string { return f.detail }

// symptoms are messages of git, curl and OpenSSH (with LC_ALL=C). The first match
// wins.
var symptoms = []struct {
	text *regexp.Regexp
	kind failureKind
}{
	{regexp.MustCompile(`(?i)could not read (Username|Password) for .*`), needsCredentials},
	{regexp.MustCompile(`(?i)Authentication failed for .*`), rejected},
	{regexp.MustCompile(`WARNING: UNPROTECTED PRIVATE KEY FILE|bad permissions`), openKeyFile},
	{regexp.MustCompile(`Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED`), unknownHostKey},
	{regexp.MustCompile(`Permission denied \([a-z,-]*\)|Too many authentication failures`), sshRejected},
	{regexp.MustCompile(`cannot run .*|unable to fork.*|(?:sh|ssh|ssh_command): .*not found`), noProgram},
	{regexp.MustCompile(`Could not resolve (?:host|proxy|hostname).*|(?i:unable to look up .*)`), noSuchHost},
	{regexp.MustCompile(`(?i)connection (?:refused|timed out|reset).*|Failed to connect to .*|` +
		`Couldn't connect to server|` +
		`No route to host|Network is unreachable|Operation (?:timed out|too slow).*|Empty reply from server|` +
		`transfer closed.*|unexpected disconnect.*|early EOF|unable to connect to .*`), unreachable},
	{regexp.MustCompile(`(?i)SSL certificate problem.*|server certificate verification failed.*|SSL: .*|` +
		`.*TLS (?:connect|alert).*`), untrusted},
	{regexp.MustCompile(`The requested URL returned error: 403`), denied},
	{regexp.MustCompile(`repository '.*' not found|(?i:repository not found).*|` +
		`.* does not appear to be a git repository`), notFound},
	{regexp.MustCompile(`.* not valid: is this a git repository\?`), noGitServer},
	{regexp.MustCompile(`mismatched algorithms.*|.*unsupported object format.*|.*unknown object format.*`),
		otherHashes},
	{regexp.MustCompile(`transport '.*' not allowed|[Uu]nable to find remote helper for '.*'`), badProtocol},
	{regexp.MustCompile(`No space left on device|Disk quota exceeded`), noSpace},
}

// fatal matches the line with which git ends.
var fatal = regexp.MustCompile(`(?m)^(?:fatal|error|remote): (.+)$`)

// diagnose returns the failure for git's error output.
func diagnose(ended error, stderr string) *failure {
	var lookPath *exec.Error
	if errors.As(ended, &lookPath) {
		return &failure{noProgram, ended.Error()}
	}

	for _, s := range symptoms {
		if found := s.text.FindString(stderr); found != "" {
			return &failure{s.kind, strings.TrimSpace(found)}
		}
	}

	if found := fatal.FindAllStringSubmatch(stderr, -1); found != nil {
		return &failure{unclear, strings.TrimSpace(found[len(found)-1][1])}
	}
	if line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n"); line != "" {
		return &failure{unclear, line}
	}

	return &failure{unclear, "git: " + ended.Error()}
}

// diagnoseLibrary returns the failure for an error of go-git.
func diagnoseLibrary(r *remote, err error) *failure {
	var dns *net.DNSError
	var op *net.OpError
	text := strings.TrimRight(r.redact(err.Error()), ": ")
	kind := unclear

	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired):
		kind = needsCredentials
		if r.hasPassword || r.user != "" {
			kind = rejected
		}

	case errors.Is(err, transport.ErrAuthorizationFailed):
		kind = denied
	case errors.Is(err, transport.ErrRepositoryNotFound):
		kind = notFound
	case strings.Contains(text, "knownhosts: "):
		kind = unknownHostKey
	case strings.Contains(text, "SSH agent"), strings.Contains(text, "ssh: unable to authenticate"):
		kind = sshRejected
	case errors.As(err, &dns):
		kind = noSuchHost
	case errors.As(err, &op):
		kind = unreachable
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		strings.Contains(text, "pkt-line"), strings.Contains(text, "pkt-len"):
		kind = noGitServer
	}

	return &failure{kind, text}
}

// explain turns a failure into an error with what was tried and a hint.
func (r *remote) explain(f *failure, o Options) error {
	cause, advice := f.detail, "try `git ls-remote "+r.label+"` as the same user"
	host := strings.TrimPrefix(r.scope, r.scheme+"://")
	if host == "" {
		host, _, _ = strings.Cut(r.label, ":")
	}

	switch f.kind {
	case needsCredentials, rejected, denied, notFound:
		cause, advice = r.explainAccess(f, o)
	case sshRejected:
		cause = "the SSH server accepts no key (" + f.detail + "): tried " + sshTried(o)
		advice = "set `ssh_key` (--ssh-key) to a key that may read the repository; " +
			"a key with a passphrase needs an agent, and most servers want the user git"

	case unknownHostKey:
		cause = "the SSH server's host key is not the one in known_hosts, or is not there"
		advice = "compare the key that `" + keyscan(host) + "` prints with what the server's operator publishes, " +
			"and put it into ~/.ssh/known_hosts, or for a service into /etc/ssh/ssh_known_hosts"

	case openKeyFile:
		cause = "SSH does not use a key file that others may read"
		advice = "`chmod 600` it"

	case noProgram:
		advice = "install what is missing: ssh is in the package openssh-client"
	case noSuchHost:
		advice = "check the host's name in the URL, DNS, and the proxy of the environment"
	case unreachable:
		advice = "check the host and port in the URL, firewalls, and the proxy of the environment"
	case untrusted:
		advice = "for an authority of your own set http.sslCAInfo in git's configuration, or GIT_SSL_CAINFO"
	case noGitServer:
		cause = "the server does not speak git's smart protocol (" + f.detail + ")"
		advice = "check the URL"

	case otherHashes:
		advice = onlySHA1
	case badProtocol:
		advice = "give a URL with https://, http://, ssh:// or git://"
	case noSpace:
		advice = "make room in " + o.CacheDir
	}

	if o.Git == "" {
		advice += "; git is not on PATH: with it, refgen can fetch what git can"
		if f.kind == noGitServer {
			advice += ", the old protocol (dumb HTTP) too"
		}
	}

	return hint.Wrap(fmt.Errorf("fetch repository %s: %s", r.label, cause), "%s", advice)
}

// keyscan is the command that prints the key of HOST[:PORT].
func keyscan(host string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		return "ssh-keyscan -p " + port + " " + name
	}
	return "ssh-keyscan " + host
}

// explainAccess explains what more, or other, credentials could fix.
func (r *remote) explainAccess(f *failure, o Options) (cause, advice string) {
	switch f.kind {
	case needsCredentials:
		cause = "the server wants credentials, and there are none: " +
			"looked for a token (token_file, REFERENCE_API_TOKEN), a password in the URL"
		if o.Git != "" {
			cause += ", " + netrc(o.Environ) + " and git's credential helpers"
		}
		return cause, "set `token_file` (--token-file) to a file with a token that may read the repository"
	case rejected:
		return "the server rejects the credentials: " + r.origin(o),
			"check that the token or password is still valid and belongs to the user name, if the URL has one"
	case denied:
		return "the server denies access (403): " + r.origin(o),
			"check that the token or password may read this repository"
	}

	return "there is no such repository, or one that these credentials may not read: " + r.origin(o),
		"check the URL; for a private repository set `token_file` (--token-file) or `ssh_key` (--ssh-key)"
}

// origin describes where the credentials came from.
func (r *remote) origin(o Options) string {
	switch {
	case isSSH(r.scheme):
		return "tried " + sshTried(o)
	case r.fromToken:
		return "tried the token of " + o.TokenFrom
	case r.hasPassword:
		return "tried the password in the URL"
	case r.user != "":
		return "tried the user in the URL, as a token too"
	case o.Git == "":
		return "tried none"
	}

	return "tried " + netrc(o.Environ) + " and git's credential helpers"
}

// netrc names the file that curl reads.
func netrc(environ []string) string {
	if lookup(environ, "HOME") == "" {
		return "no ~/.netrc, since HOME is not set,"
	}
	return "~/.netrc"
}

// sshTried names the keys that SSH could choose from.
func sshTried(o Options) string {
	switch {
	case o.SSHKey != "":
		return "the key " + o.SSHKey
	case o.Git == "":
		return "the SSH agent"
	case lookup(o.Environ, "GIT_SSH_COMMAND") != "":
		return "the command of GIT_SSH_COMMAND"
	}
	return "the SSH agent, ~/.ssh/config and the default keys of ~/.ssh"
}
