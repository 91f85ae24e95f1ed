// Refapi is the program of the container image that is for containers only. An image has no
// shell, so what a script would do is here:
//
//	refapi nginx [FLAG…]   runs nginx with the configuration that `refgen nginx FLAG…` prints
//	refapi health URL      exits with 0 if the URL answers with 200, for health checks
//	refapi wait DURATION   does nothing for a while, for a pod that ends: load balancers learn
//	                       of it before nginx does
package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// healthTimeout is below the timeouts of probes in etc/kubernetes and etc/compose.yaml, so
// that the reason is printed.
const healthTimeout = 3 * time.Second

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	var err error
	switch {
	case len(args) >= 1 && args[0] == "nginx":
		err = serve(filepath.Join(os.TempDir(), "nginx"), args[1:])
	case len(args) == 2 && args[0] == "health":
		err = ask(args[1])
	case len(args) == 2 && args[0] == "wait":
		err = wait(args[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: refapi nginx [FLAG OF refgen nginx]… | refapi health URL | refapi wait DURATION")
		return 2
	}

	var exited *exec.ExitError
	switch {
	case errors.As(err, &exited) && exited.Exited():
		return exited.ExitCode() // it has said why
	case err != nil:
		fmt.Fprintln(os.Stderr, "refapi:", err)
		return 1
	}
	return 0
}

// ask requests a URL.
func ask(url string) error {
	client := http.Client{Timeout: healthTimeout}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return nil
}

func wait(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil {
		time.Sleep(d)
	}
	return err
}

// serve runs nginx until a signal ends it. Its prefix is on a temporary file system: the
// root is read-only.
func serve(prefix string, flags []string) error {
	conf, err := configure(prefix, flags)
	if err != nil {
		return err
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	nginx := exec.Command("nginx", "-p", prefix, "-c", conf, "-e", "stderr", "-g", "daemon off;")
	nginx.Stdout, nginx.Stderr = os.Stdout, os.Stderr
	if err := nginx.Start(); err != nil {
		return err
	}

	go func() {
		for s := range signals {
			if s != syscall.SIGHUP {
				s = syscall.SIGQUIT // requests in flight complete, which SIGTERM would cut off
			}
			_ = nginx.Process.Signal(s) // it may have ended just now
		}
	}()

	return nginx.Wait()
}

// configure writes nginx's configuration, and makes its logs those of the container.
func configure(prefix string, flags []string) (string, error) {
	if err := os.MkdirAll(prefix, 0o700); err != nil {
		return "", err
	}
	for log, stream := range map[string]string{
		"nginx-access.log": "/dev/stdout", "nginx-error.log": "/dev/stderr",
	} {
		if err := os.Symlink(stream, filepath.Join(prefix, log)); err != nil && !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}

	refgen := exec.Command("refgen", append([]string{"nginx"}, flags...)...)
	refgen.Stderr = os.Stderr
	text, err := refgen.Output()
	if err != nil {
		return "", err
	}

	// nginx counts the processors of the machine, Go those that the container may use.
	text = bytes.Replace(text, []byte("worker_processes auto;"),
		fmt.Appendf(nil, "worker_processes %d;", runtime.GOMAXPROCS(0)), 1)

	conf := filepath.Join(prefix, "nginx.conf")
	return conf, os.WriteFile(conf, text, 0o600)
}
