// Refgen turns one commit of a reference repository into the static files of
// the reference API, and serves, checks and compares them.
package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/cli/manual"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/durable"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
)

func main() {
	// What a build needs grows with the repository: collect more often than usual, for a
	// tenth of processor time. GOGC and GOMEMLIMIT take precedence.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(40)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// commands is the command line.
type commands struct {
	cli.ConfigFlags
	cli.LogFlags
	NoColor bool `help:"Disable colors (also NO_COLOR)."`

	ShowVersion kong.VersionFlag `help:"Print the program's version." name:"version"`
	HelpAs      manual.Flag      `help:"Print the help as a man page, or as completion for a shell." enum:",man,bash,zsh,fish" default:"" placeholder:"man|bash|zsh|fish"`

	Build    buildCmd    `cmd:"" help:"Build the site and make it the live release."`
	Check    checkCmd    `cmd:"" help:"Check the reference files."`
	Serve    serveCmd    `cmd:"" help:"Build the site, serve it, and rebuild it when the repository changes."`
	Watch    watchCmd    `cmd:"" help:"Follow the repository, and publish each new commit."`
	Verify   verifyCmd   `cmd:"" help:"Compare a published site with its manifest and follow every link."`
	Parity   parityCmd   `cmd:"" help:"Compare a legacy service of the API with this one."`
	Diff     diffCmd     `cmd:"" help:"List resources that differ between two commits."`
	Releases releasesCmd `cmd:"" help:"List the releases in the output directory."`
	Rollback rollbackCmd `cmd:"" help:"Make an earlier release live again, and pin it."`
	Pin      pinCmd      `cmd:"" help:"Keep the live release live, whatever is built."`
	Unpin    unpinCmd    `cmd:"" help:"Let the next build publish again."`
	Nginx    nginxCmd    `cmd:"" help:"Print an nginx.conf that serves the site."`
	OpenAPI  openapiCmd  `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Config   configCmd   `cmd:"" help:"Check the configuration, or show each value and where it came from."`
	Version  versionCmd  `cmd:"" help:"Print the program's version."`
}

// newParser makes the parser of the command line.
func newParser(cmd *commands, options ...kong.Option) (*kong.Kong, error) {
	vars := cli.Vars()
	vars["version"] = versionText()
	maps.Copy(vars, hostVars())
	return kong.New(cmd, append([]kong.Option{
		kong.Name("refgen"),
		kong.Description("The static generator of the reference API: " +
			"one commit of a reference repository in, a complete tree of files out."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		vars,
	}, options...)...)
}

// app has what all commands share.
type app struct {
	cli.Settings
	stdout, stderr *console
	now            func() time.Time
	fs             durable.FS // of the output directory and of clones
	memo           *memo      // of earlier builds, and for later ones; nil for none
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	return runAt(ctx, args, stdout, stderr, getenv, time.Now, durable.OS{})
}

// runAt runs the program with a clock and a file system.
func runAt(
	ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string, now func() time.Time,
	fsys durable.FS,
) int {
	a := &app{Settings: cli.Settings{Getenv: getenv, Places: config.Places()}, now: now, fs: fsys}
	return a.run(ctx, args, stdout, stderr)
}

// run runs a command line.
func (a *app) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a.stdout, a.stderr = newConsole(stdout, a.Getenv), newConsole(stderr, a.Getenv)

	var cmd commands
	program := cli.Program{
		Parser:   func(options ...kong.Option) (*kong.Kong, error) { return newParser(&cmd, options...) },
		Settings: &a.Settings,
		Stdout:   stdout,
		Stderr:   stderr,
		Fail:     a.fail,
		Help:     "`refgen --help` lists the commands, `refgen COMMAND --help` the flags of one",
		Run: func(command *kong.Context) error {
			if cmd.NoColor {
				a.stdout.color, a.stderr.color = false, false
			}
			a.stderr.level = cli.Level(a.Config.Log)
			if file := a.Config.File(); file != "" {
				a.stderr.debug("read configuration " + file)
			} else {
				a.stderr.debug("no configuration file: looked for " + strings.Join(a.Places, " and "))
			}
			command.BindTo(ctx, (*context.Context)(nil))
			return command.Run(a)
		},
	}

	return program.Main(args)
}

// fail prints an error and its hint.
func (a *app) fail(err error) {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: nothing was changed")
	}
	a.stderr.error(gitrepo.HideUserInformation(err.Error()))
	if advice := hint.Of(err); advice != "" {
		a.stderr.hint(advice)
	}
}
