package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/follow"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/listen"
	"github.com/chameleoncloud/refapi/internal/ops"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
	"github.com/chameleoncloud/refapi/internal/webhook"
)

type watchCmd struct {
	buildFlags
	Every             time.Duration `help:"How often to fetch without a webhook or a change (default: ${watch_every_seconds})." placeholder:"DURATION" group:"Watch" key:"watch.every_seconds"`
	Listen            []string      `help:"Addresses of health checks, metrics and webhook (default: ${watch_listen})." placeholder:"ADDRESS" group:"Watch" key:"watch.listen"`
	WebhookSecretFile string        `help:"File with the webhook's secret; without, there is no webhook." placeholder:"FILE" group:"Watch" key:"watch.webhook_secret_file"`
}

// Run implements the command.
func (cmd *watchCmd) Run(ctx context.Context, a *app) error {
	if cmd.Worktree {
		return cli.Usagef("--worktree: refgen watch publishes commits; refgen serve shows files")
	}
	if _, err := cmd.siteOptions(a); err != nil {
		return err
	}

	log := cli.NewLog(a.stderr, a.Config.Log)
	loop := newWatcher(cmd, a, log).loop()
	metrics := follow.NewMetrics(api.ProductVersion)
	loop.Observe = metrics.Observe
	handler := follow.Operations(loop, metrics)
	if err := cmd.addWebhook(handler, loop, metrics); err != nil {
		return err
	}

	listeners, err := listen.Open(a.Config.Watch.Listen)
	if err != nil {
		return hint.Wrap(err, "choose another address with --listen, or listen in [watch]")
	}
	defer listen.Close(listeners)
	for _, l := range listeners {
		log.Info("listening", "address", listen.URL(l), "webhook", cmd.WebhookSecretFile != "")
	}

	manager := ops.Manager{Socket: a.Getenv("NOTIFY_SOCKET")}
	report := func(state string) {
		if err := manager.Report(state); err != nil {
			log.Warn("cannot notify the service manager", "error", err)
		}
	}

	report(ops.Ready)
	defer log.Info("stopped")
	defer report(ops.Stopping)
	return runWatch(ctx, loop, handler, listeners)
}

// addWebhook adds the handler of notifications, if there is a secret.
func (cmd *watchCmd) addWebhook(mux *http.ServeMux, loop *follow.Loop, metrics *follow.Metrics) error {
	if cmd.WebhookSecretFile == "" {
		return nil
	}

	text, err := os.ReadFile(cmd.WebhookSecretFile)
	var secrets []webhook.Secret
	if err == nil {
		if secrets, err = webhook.ParseSecrets(text); err != nil {
			err = fmt.Errorf("read the secret of the webhook, %s: %w", cmd.WebhookSecretFile, err)
		}
	}
	if err != nil {
		return hint.Wrap(err, "check `webhook_secret_file` (--webhook-secret-file): `openssl rand -hex 32` makes a secret")
	}

	for _, outcome := range webhook.Outcomes() {
		metrics.Webhook(string(outcome), 0)
	}
	mux.Handle(webhook.Path, &webhook.Receiver{
		Secrets: secrets,
		Push:    loop.Trigger,
		Observe: func(o webhook.Outcome) { metrics.Webhook(string(o), 1) },
		Now:     loop.Now,
		Log:     loop.Log,
	})
	return nil
}

// Time limits of the server.
const (
	watchHeaderTimeout = 10 * time.Second
	watchReadTimeout   = 30 * time.Second
	watchWriteTimeout  = 60 * time.Second
)

// runWatch follows the repository and answers requests until ctx ends.
func runWatch(ctx context.Context, loop *follow.Loop, handler http.Handler, listeners []net.Listener) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: watchHeaderTimeout,
		ReadTimeout:       watchReadTimeout,
		WriteTimeout:      watchWriteTimeout,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(loop.Log.Handler(), slog.LevelDebug),
	}

	g, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		g.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		})
	}

	g.Go(func() error { loop.Run(ctx); return nil })
	g.Go(func() error {
		<-ctx.Done()
		return server.Shutdown(context.WithoutCancel(ctx))
	})

	return g.Wait()
}

// liveRelease is the live release of an output directory, the zero one for none.
func liveRelease(out string) follow.Release {
	live, err := disk.Open(out)
	if err != nil {
		return follow.Release{}
	}
	return follow.Release{ID: live.Manifest.ID, Commit: live.Manifest.Commit}
}

// jitter returns a random duration below d.
func jitter(d time.Duration) time.Duration { return rand.N(d) }
