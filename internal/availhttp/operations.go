package availhttp

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/ops"
)

// ReloadPath is a path for operators, as those of [ops] are.
const ReloadPath = "/-/reload"

// operations returns the handlers of these paths.
func (h *Handler) operations() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		ops.HealthyPath: ops.Healthy,
		ops.ReadyPath:   h.ready,
		ReloadPath:      h.reload,
		ops.MetricsPath: h.metrics().ServeHTTP,
	}
}

// ready responds whether requests can be served. Sites that were never synced do not
// prevent that: their nodes have the state unknown.
func (h *Handler) ready(w http.ResponseWriter, _ *http.Request) {
	if h.opts.Release() == nil {
		ops.WriteText(w, http.StatusServiceUnavailable, "no published release")
		return
	}
	ops.WriteText(w, http.StatusOK, "ready")
}

// reload reads the configuration again. An invalid one changes nothing.
func (h *Handler) reload(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		ops.WriteText(w, http.StatusMethodNotAllowed, "use POST")
	case h.opts.Reload == nil:
		ops.WriteText(w, http.StatusNotFound, "no configuration to reload")
	default:
		if err := h.crossSite(r); err != nil {
			ops.WriteText(w, http.StatusForbidden, "refused: "+err.Error())
			return
		}
		if err := h.opts.Reload(); err != nil {
			ops.WriteText(w, http.StatusUnprocessableEntity, fmt.Sprintf("configuration not reloaded: %v", err))
			return
		}
		ops.WriteText(w, http.StatusOK, "reloaded")
	}
}

// crossSite returns an error for a request that a page of another site may have made a
// browser send. Browsers mark such requests with Sec-Fetch-Site and Origin. But a page
// can point its own domain to this machine's IP address, and is of the same origin then
// (DNS rebinding): so only host names that such a page cannot have are accepted.
func (h *Handler) crossSite(r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return errors.New("cross-site request")
	}

	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}

	host = strings.Trim(host, "[]")
	if net.ParseIP(host) != nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(h.opts.Hosts, func(name string) bool { return strings.EqualFold(host, name) }) {
		return nil
	}

	return fmt.Errorf("%q is neither an IP address, nor a name without a dot, nor the host of [availapi]", host)
}
