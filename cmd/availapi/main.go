// Availapi is the live service of the reference API: it keeps the reservations
// of each site in memory, and answers what depends on now or on a query.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/cli/manual"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// minProcs is the least GOMAXPROCS. Go preempts a goroutine after 10 ms: with two
// processors, a large sync and the garbage collector would delay responses. With
// more threads than processors, the kernel schedules them more fairly.
const minProcs = 4

func main() {
	// Before anything else: an unhandled SIGHUP kills the program. One that arrives
	// during startup stays in the channel and is handled once the program serves.
	reloadSignals := make(chan os.Signal, 1)
	signal.Notify(reloadSignals, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)

	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < minProcs {
		runtime.GOMAXPROCS(minProcs)
	}

	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv, reloadSignals)
	stop()
	os.Exit(code)
}

// flags is the command line.
type flags struct {
	cli.ConfigFlags
	Listen   []string `help:"Addresses to listen on: PORT, HOST:PORT or unix:/PATH (default: --host and --port)." placeholder:"ADDRESS" key:"availapi.listen"`
	Host     string   `help:"Address to listen on (default: ${availapi_host})." placeholder:"HOST" key:"availapi.host"`
	Port     int      `help:"Port to listen on; 0 is a free one (default: ${availapi_port})." placeholder:"N" key:"availapi.port"`
	Tree     string   `help:"Output directory of refgen, whose live release is served (default: ${publish_out})." placeholder:"DIR" key:"publish.out"`
	StateDir string   `help:"Directory for the last known data of each site (default: ${availapi_state_dir})." placeholder:"DIR" key:"availapi.state_dir"`
	cli.LogFlags
	ConfigCheck bool             `help:"Check the configuration, clouds.yaml and the tree, and exit."`
	ConfigShow  bool             `help:"Print each value of the configuration and where it came from, and exit."`
	JSON        bool             `name:"json" help:"With --config-show: print JSON."`
	Once        bool             `help:"Sync every site once, print the results as JSON, and exit."`
	OSCloud     string           `name:"os-cloud" help:"With --once: sync this entry of clouds.yaml instead of the configured sites." placeholder:"NAME"`
	Version     kong.VersionFlag `help:"Print the program's version."`
	HelpAs      manual.Flag      `help:"Print the help as a man page, or as completion for a shell." enum:",man,bash,zsh,fish" default:"" placeholder:"man|bash|zsh|fish"`
}

// Validate implements kong's check of a command line.
func (f *flags) Validate() error {
	if f.OSCloud != "" && !f.Once {
		return hint.Wrap(errors.New("--os-cloud needs --once"),
			"name the clouds of sites in the configuration, [availability.sites.SITE]")
	}
	if f.JSON && !f.ConfigShow {
		return errors.New("--json needs --config-show")
	}
	return nil
}

// parser returns the parser of the command line, with additional options.
func (f *flags) parser(options ...kong.Option) (*kong.Kong, error) {
	vars := cli.Vars()
	vars["version"] = "availapi " + api.ProductVersion + " (" + runtime.Version() + ")"
	return kong.New(f, append([]kong.Option{
		kong.Name("availapi"),
		kong.Description("The live service of the reference API: which nodes are available, now and later."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		vars,
	}, options...)...)
}

// setup is the merged result of command line, environment and configuration file.
type setup struct {
	flags
	from cli.Settings
}

func newSetup(getenv func(string) string) *setup {
	return &setup{from: cli.Settings{Getenv: getenv, Places: config.Places()}}
}

// restart returns the settings that only take effect at a restart.
func (s *setup) restart() [3]string {
	return [3]string{strings.Join(s.from.Config.AvailapiAddresses(), ","), s.Tree, s.StateDir}
}

// hosts are the names in the addresses to listen on.
func (s *setup) hosts() (names []string) {
	for _, address := range s.from.Config.AvailapiAddresses() {
		if name, _, err := net.SplitHostPort(address); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// readSetup parses the command line, and reads the environment and the
// configuration file for what it leaves open.
func readSetup(args []string, getenv func(string) string) (*setup, error) {
	s := newSetup(getenv)
	parser, err := s.parser(kong.Resolvers(&s.from))
	if err != nil {
		return nil, err
	}
	_, err = cli.Parse(parser, args)
	return s, err
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string,
	reloadSignals <-chan os.Signal) int {
	given := newSetup(getenv)
	program := cli.Program{
		Parser: given.parser, Settings: &given.from, Stdout: stdout, Stderr: stderr,
		Fail: func(err error) { fail(stderr, err) },
		Run: func(*kong.Context) error {
			if given.ConfigShow {
				return cli.ShowConfig(stdout, given.from.Config, given.JSON)
			}

			s := newService(given, stderr, func() (*setup, error) { return readSetup(args, getenv) })
			s.log.Debug("configuration", "file", cmp.Or(given.from.Config.File(), "none"))
			switch {
			case given.ConfigCheck:
				return s.check(stdout)
			case given.Once:
				return s.once(ctx, stdout)
			}
			return s.serve(ctx, reloadSignals)
		},
	}
	return program.Main(args)
}

// fail prints an error and its hint.
func fail(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "availapi: error: %v\n", err)
	if advice := hint.Of(err); advice != "" {
		fmt.Fprintf(stderr, "availapi: hint: %s\n", advice)
	}
}
