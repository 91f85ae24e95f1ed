package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/process"
)

// gitProgram fetches with the git program, so that a repository that git reads
// on this machine is read with the same keys, credentials and settings.
type gitProgram struct {
	path    string
	environ []string
	remote  *remote
	sshKey  string // "" for none
}

// mirroredRefs are the references that a clone has. Others, such as refs/pull/*, can be
// many times as large.
var mirroredRefs = []string{"refs/heads/*", "refs/tags/*", "refs/replace/*"}

// list asks the server for its references.
func (g *gitProgram) list(ctx context.Context) (*advertisement, error) {
	// Without a repository: the configuration of one that the working directory
	// is in must not count.
	args := append([]string{"ls-remote", "--symref", "--", g.remote.url, "HEAD"}, mirroredRefs...)
	out, err := g.withCredentials(ctx, os.DevNull, args...)
	if err != nil {
		return nil, err
	}

	ad := &advertisement{refs: map[string]string{}}
	for line := range strings.Lines(string(out)) {
		value, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if target, symbolic := strings.CutPrefix(value, "ref: "); symbolic {
			ad.add(name, "", target) // a line with the hash follows
		} else if !strings.HasSuffix(name, "^{}") {
			ad.add(name, value, "")
		}
	}

	return ad, nil
}

// fetch brings a bare repository up to date.
func (g *gitProgram) fetch(ctx context.Context, dir string, refspecs []string) error {
	args := []string{"fetch", "--quiet", "--force", "--prune", "--no-tags", "--no-auto-gc", "--no-recurse-submodules",
		"--no-write-fetch-head", "--", g.remote.url}
	_, err := g.withCredentials(ctx, dir, append(args, refspecs...)...)
	return err
}

// repack puts all objects into one pack.
func (g *gitProgram) repack(ctx context.Context, dir string) error {
	_, err := g.run(ctx, dir, overlay{}, "repack", "-a", "-d", "--quiet")
	return err
}

// withCredentials runs git with the credentials of the location. A user
// without a password is tried as git does, with a password from elsewhere,
// and then alone, since it may be a token.
func (g *gitProgram) withCredentials(ctx context.Context, dir string, args ...string) ([]byte, error) {
	r := g.remote
	ssh, err := g.sshCommand(ctx)
	if err != nil {
		return nil, err
	}

	o := overlay{}
	if ssh != "" {
		o.env = append(o.env, "GIT_SSH_COMMAND="+ssh)
	}

	switch {
	case !isHTTP(r.scheme) || r.user == "" && !r.hasPassword:
		return g.run(ctx, dir, o, args...)
	case !r.hasPassword:
		user := setting{"credential." + r.scope + ".username", r.user}
		out, err := g.run(ctx, dir, overlay{o.env, []setting{user}}, args...)
		var failed *failure
		if !errors.As(err, &failed) || failed.kind != needsCredentials && failed.kind != rejected {
			return out, err
		}
	}

	// The empty helper resets git's list of helpers. The values are in the
	// environment, which other users cannot read.
	const helper = `!f() { test "$1" = get && ` +
		`printf 'username=%s\npassword=%s\n' "$REFGEN_GIT_USER" "$REFGEN_GIT_PASSWORD"; }; f`
	o.env = append(o.env, "REFGEN_GIT_USER="+r.user, "REFGEN_GIT_PASSWORD="+r.password)
	o.settings = []setting{
		{"credential." + r.scope + ".helper", ""},
		{"credential." + r.scope + ".helper", helper},
	}

	return g.run(ctx, dir, o, args...)
}

// overlay is what one run of git has in addition to the user's environment.
type overlay struct {
	env      []string
	settings []setting
}

// setting is a line of git's configuration.
type setting struct{ key, value string }

// Limits of what is kept of git's output, in bytes.
const (
	maxGitOutput = 64 << 20
	maxGitErrors = 64 << 10
)

// killDelay is how long git may take to remove its temporary files after it was
// interrupted, and how long programs that it has left behind may keep its output
// open.
const killDelay = 3 * time.Second

// run runs git on a repository and returns its output. Its errors are a
// failure, or those of ctx.
func (g *gitProgram) run(ctx context.Context, dir string, o overlay, args ...string) ([]byte, error) {
	stdout, stderr := &process.Capped{Left: maxGitOutput}, &process.Capped{Left: maxGitErrors}
	cmd := exec.CommandContext(ctx, g.path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = g.env(dir, o), stdout, stderr, killDelay
	process.Detach(cmd)

	err := cmd.Run()
	if ctx.Err() != nil {
		process.KillGroup(cmd)
		return nil, context.Cause(ctx)
	}

	// After ErrWaitDelay git has succeeded; a connection that SSH keeps open has not
	// ended.
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, diagnose(err, g.remote.redact(stderr.String()))
	}

	if stdout.Left < 0 {
		return nil, &failure{unclear, fmt.Sprintf("the list of references has more than %d MiB", maxGitOutput>>20)}
	}

	return stdout.Bytes(), nil
}

// droppedVariables are not passed on to git: those that would point it to another
// repository, as in a hook, those that override our settings, and those that make
// it print more.
var droppedVariables = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CURL_VERBOSE",
	"GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
	"GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REDIRECT_STDERR", "GIT_REPLACE_REF_BASE",
	"GIT_SHALLOW_FILE", "GIT_WORK_TREE", "LANGUAGE",
}

// env is the environment of a git that does not prompt and runs no hooks.
func (g *gitProgram) env(dir string, o overlay) []string {
	env := slices.DeleteFunc(slices.Clone(g.environ), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return slices.Contains(droppedVariables, name) || strings.HasPrefix(name, "GIT_TRACE")
	})

	env = append(env,
		"GIT_DIR="+dir, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never",
		"GIT_ALLOW_PROTOCOL="+allowedProtocols(g.environ), "GIT_OPTIONAL_LOCKS=0")

	// An askpass program would open a window, unless it was configured explicitly.
	if lookup(g.environ, "SSH_ASKPASS_REQUIRE") == "" {
		env = append(env, "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never")
	}

	env = append(env, o.env...)

	settings := append([]setting{
		{"core.hooksPath", os.DevNull},
		{"fetch.unpackLimit", "1"}, // every fetch is a pack, with a checksum
		{"fetch.recurseSubmodules", "false"},
		{"fetch.writeCommitGraph", "false"},
		{"http.lowSpeedLimit", "1"}, // bytes per second
		{"http.lowSpeedTime", "60"}, // seconds
	}, o.settings...)

	n := 0
	fmt.Sscan(lookup(g.environ, "GIT_CONFIG_COUNT"), &n) // the user's own stay in front

	for i, s := range settings {
		env = append(env,
			fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n+i, s.key),
			fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n+i, s.value))
	}

	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n+len(settings)))
}

// allowedProtocols are those that git may use, whatever a URL, a redirect or
// url.X.insteadOf names; the environment may allow fewer.
func allowedProtocols(environ []string) string {
	allowed := []string{"file", "git", "http", "https", "ssh"}
	if own, ok := lookupEnvSet(environ, "GIT_ALLOW_PROTOCOL"); ok {
		names := strings.Split(own, ":")
		allowed = slices.DeleteFunc(allowed, func(name string) bool { return !slices.Contains(names, name) })
	}
	return strings.Join(allowed, ":")
}

// sshCommand is how git runs SSH: as the user has set, with our key and without
// prompts; "" leaves it to git. It is set for all schemes, because
// url.X.insteadOf may turn https:// into SSH.
func (g *gitProgram) sshCommand(ctx context.Context) (string, error) {
	program, err := g.sshProgram(ctx)
	if err != nil || program == "" {
		return "", err
	}
	return g.withOptions(program), nil
}

// sshProgram is the command for SSH that the user has set, else "ssh"; "" for a
// program that takes no options.
func (g *gitProgram) sshProgram(ctx context.Context) (string, error) {
	command := lookup(g.environ, "GIT_SSH_COMMAND")
	if command == "" {
		// It prints nothing, and ends with 1, where there is no such setting.
		cmd := exec.CommandContext(ctx, g.path, "config", "--get", "core.sshCommand")
		cmd.Env = append(slices.Clone(g.environ), "GIT_DIR="+os.DevNull)
		out, err := cmd.Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return "", err
		}

		command = strings.TrimSpace(string(out))
	}

	program := lookup(g.environ, "GIT_SSH")
	switch {
	case command != "":
		return command, nil
	case program == "":
		return "ssh", nil
	case g.sshKey != "":
		return quoteShell(program), nil
	}

	return "", nil
}

// withOptions adds the options that go with a command for SSH.
func (g *gitProgram) withOptions(command string) string {
	program, _, _ := strings.Cut(command, " ")
	if g.sshKey != "" {
		command += " -i " + quoteShell(g.sshKey)
	}

	// Only OpenSSH has the others.
	if name := strings.TrimSuffix(filepath.Base(program), ".exe"); name == "ssh" {
		command += " -o BatchMode=yes"
		if g.sshKey != "" {
			command += " -o IdentitiesOnly=yes"
		}
	}

	return command
}

// quoteShell quotes a text as one word for sh.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// lookup finds a variable in an environment; the last one counts.
func lookup(environ []string, name string) string {
	value, _ := lookupEnvSet(environ, name)
	return value
}

func lookupEnvSet(environ []string, name string) (value string, ok bool) {
	for _, line := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value, true
		}
	}
	return "", false
}
