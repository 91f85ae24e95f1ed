// Availapi is the live half of the reference API: it keeps what each site's
// Blazar knows in memory, and answers what depends on now or on a query.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // the command line is wrong
)

// threads is how many goroutines run at once at the least. Go lets one run for
// 10 ms before another has its turn: on a machine with two processors a large
// sync and the collector would keep answers waiting. The kernel does better.
const threads = 4

func main() {
	// First of all: a reload that comes while the program starts is done once it
	// serves, where it would have killed it.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < threads {
		runtime.GOMAXPROCS(threads)
	}
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv, hangups)
	stop()
	os.Exit(code)
}

// unset is the value of --port where it is not given.
const unset = -1

// flags is the command line.
type flags struct {
	Config      string           `help:"Configuration file (default: ${config} if it is there)." placeholder:"FILE"`
	Host        string           `help:"Address to listen on (default: that of [availapi])." placeholder:"HOST"`
	Port        int              `help:"Port to listen on; 0 is a free one (default: that of [availapi])." default:"-1" placeholder:"N"`
	Tree        string           `help:"Output directory of refgen, whose live release is served (default: that of [publish])." placeholder:"DIR"`
	Debug       bool             `help:"Log every request and every sync."`
	LogFormat   string           `help:"Form of the log: text or json." enum:"text,json" default:"text"`
	ConfigCheck bool             `help:"Check the configuration, clouds.yaml and the tree, and exit."`
	Once        bool             `help:"Ask every site once, print what they said as JSON, and exit."`
	OSCloud     string           `name:"os-cloud" help:"With --once: ask with this entry of clouds.yaml, and not for the configured sites." placeholder:"NAME"`
	Version     kong.VersionFlag `help:"Print the program's version."`
}

func newParser(f *flags, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(f, append([]kong.Option{
		kong.Name("availapi"),
		kong.Description("The live half of the reference API: who is free, now and later, from each site's Blazar."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"config": config.DefaultPath, "version": "availapi " + api.ProductVersion + " (" + runtime.Version() + ")"},
	}, options...)...)
}

// exitCode ends the program without a message of its own.
type exitCode int

func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string, hangups <-chan os.Signal) (code int) {
	var f flags
	parser, err := newParser(&f, kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exitCode(code)) }))
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
	if _, err := parser.Parse(args); err != nil {
		fail(stderr, err)
		return exitUsage
	}
	if f.OSCloud != "" && !f.Once {
		fail(stderr, hint.Wrap(errors.New("--os-cloud goes with --once"), "name the clouds of sites in the configuration, [availability.sites.SITE]"))
		return exitUsage
	}
	if f.Port < unset || f.Port > 65535 {
		fail(stderr, fmt.Errorf("--port %d: there is no such port", f.Port))
		return exitUsage
	}
	s, err := newService(f, stderr, getenv)
	switch {
	case err != nil:
	case f.ConfigCheck:
		err = s.check(stdout)
	case f.Once:
		err = s.once(ctx, stdout)
	default:
		err = s.serve(ctx, hangups)
	}
	if err != nil {
		fail(stderr, err)
		return exitFailed
	}
	return exitOK
}

// fail prints an error and its advice.
func fail(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "availapi: error: %v\n", err)
	if advice := hint.Of(err); advice != "" {
		fmt.Fprintf(stderr, "availapi: hint: %s\n", advice)
	}
}

// load reads the configuration, and puts the environment and the flags before
// it.
func (f *flags) load(getenv func(string) string) (*config.Config, error) {
	path := f.Config
	if path == "" {
		path = getenv("REFERENCE_API_CONFIG")
	}
	c, err := config.Load(".", path)
	if err != nil {
		return nil, err
	}
	if dir := getenv("STATE_DIRECTORY"); dir != "" && c.Availapi.StateDir == config.Default().Availapi.StateDir {
		c.Availapi.StateDir = dir
	}
	if v := getenv("AVAILAPI_HOST"); v != "" {
		c.Availapi.Host = v
	}
	if v := getenv("AVAILAPI_PORT"); v != "" {
		if c.Availapi.Port, err = strconv.Atoi(v); err != nil || c.Availapi.Port < 0 || c.Availapi.Port > 65535 {
			return nil, fmt.Errorf("AVAILAPI_PORT: %q is no port", v)
		}
	}
	if v := getenv("REFERENCE_API_OUT"); v != "" {
		c.Publish.Out = v
	} else {
		c.Publish.Out = c.Path(c.Publish.Out)
	}
	c.Availapi.StateDir = c.Path(c.Availapi.StateDir)
	if f.Host != "" {
		c.Availapi.Host = f.Host
	}
	if f.Port >= 0 {
		c.Availapi.Port = f.Port
	}
	if f.Tree != "" {
		c.Publish.Out = f.Tree
	}
	return c, nil
}

// newLog makes the log that the flags ask for.
func (f *flags) newLog(stderr io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if f.Debug {
		o.Level = slog.LevelDebug
	}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(stderr, o))
	}
	return slog.New(slog.NewTextHandler(stderr, o))
}
