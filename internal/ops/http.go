package ops

import (
	"io"
	"net/http"
)

// Paths for operators. nginx does not proxy them.
const (
	HealthyPath = "/-/healthy"
	ReadyPath   = "/-/ready"
	MetricsPath = "/metrics"
)

// Healthy answers that the program is running.
func Healthy(w http.ResponseWriter, _ *http.Request) { WriteText(w, http.StatusOK, "healthy") }

// WriteText writes an answer for operators.
func WriteText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the client may be gone
}
