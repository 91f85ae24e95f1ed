// Refgen turns one commit of a reference repository into the static files of
// the reference API, and serves, checks and compares them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // something failed, or differs
	exitUsage  = 2 // the command line is wrong
)

func main() {
	// A build allocates in one burst and ends: collect less often than usual.
	// GOGC and GOMEMLIMIT still have their say.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(125)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// commands is the command line.
type commands struct {
	Config  string `help:"Configuration file (default: ${config} if it is there)." placeholder:"FILE" type:"path"`
	NoColor bool   `help:"Disable colors (also NO_COLOR)."`

	ShowVersion kong.VersionFlag `help:"Print the program's version." name:"version"`

	Build   buildCmd   `cmd:"" help:"Build the site and make it the live release."`
	Check   checkCmd   `cmd:"" help:"Check the reference files."`
	Serve   serveCmd   `cmd:"" help:"Build the site, serve it, and build it again when the repository changes."`
	Verify  verifyCmd  `cmd:"" help:"Compare a published site with its manifest and follow every link."`
	Diff    diffCmd    `cmd:"" help:"Say which resources differ between two commits."`
	Nginx   nginxCmd   `cmd:"" help:"Print an nginx.conf that serves the site."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Version versionCmd `cmd:"" help:"Print the program's version."`
}

// app is what every command works with.
type app struct {
	stdout, stderr *console
	getenv         func(string) string
	now            func() time.Time
	config         *config.Config
}

// exitCode ends a command without a message of its own.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// newParser makes the parser of the command line.
func newParser(cmd *commands, options ...kong.Option) (*kong.Kong, error) {
	defaults := config.Default()
	return kong.New(cmd, append([]kong.Option{
		kong.Name("refgen"),
		kong.Description("The static half of the reference API: one commit of a reference repository in, a complete tree of files out."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Vars{"config": config.DefaultPath, "ref_dir": defaults.Reference.RefDir, "out": defaults.Publish.Out,
			"fetch_timeout": defaults.Reference.FetchTimeout().String(), "version": versionText()},
	}, options...)...)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) (code int) {
	a := &app{stdout: newConsole(stdout, getenv), stderr: newConsole(stderr, getenv), getenv: getenv, now: time.Now}
	var cmd commands
	parser, err := newParser(&cmd,
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exitCode(code)) }), // --help ends here
		kong.Resolvers(settings{a}),
	)
	if err != nil {
		panic(err) // the grammar is wrong, and tests read it
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exitCode:
			code = int(r)
		default:
			panic(r)
		}
	}()
	kctx, err := parser.Parse(args)
	if err != nil {
		var bad *configError
		if errors.As(err, &bad) { // kong names the flag that was asked for first
			a.fail(bad.error)
			return exitFailed
		}
		a.fail(err)
		a.stderr.hint("`refgen --help` lists the commands, `refgen COMMAND --help` the flags of one")
		return exitUsage
	}
	if cmd.NoColor {
		a.stdout.color, a.stderr.color = false, false
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	if err := kctx.Run(a); err != nil {
		var code exitCode
		if errors.As(err, &code) {
			return int(code)
		}
		a.fail(err)
		var usage *usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailed
	}
	return exitOK
}

// usageError is a command line that makes no sense.
type usageError struct{ error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// fail prints an error and its advice.
func (a *app) fail(err error) {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted: nothing was changed")
	}
	a.stderr.error(gitrepo.HideUserInformation(err.Error()))
	if advice := hint.Of(err); advice != "" {
		a.stderr.hint(advice)
	}
}
