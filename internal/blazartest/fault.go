package blazartest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// until ends a request's context when the server closes.
func until(r *http.Request, closing, done <-chan struct{}) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		select {
		case <-closing:
		case <-done:
		}
		cancel()
	}()
	return r.WithContext(ctx), cancel
}

// BlazarError answers as Blazar's API does: {"error_code","error_message",
// "error_name"}.
func BlazarError(status int, name, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		write(w, status, map[string]any{"error_code": status, "error_message": message, "error_name": name})
	}
}

// OldBlazarError answers as Blazar's manager does: {"error","error_message"}.
func OldBlazarError(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		write(w, status, map[string]any{"error": status, "error_message": message})
	}
}

// KeystoneError answers as Keystone does, and its middleware in front of
// others: {"error":{"code","title","message"}}.
func KeystoneError(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		write(w, status, map[string]any{"error": map[string]any{"code": status, "title": http.StatusText(status), "message": message}})
	}
}

// Forbidden is a policy's refusal.
func Forbidden(rule string) http.HandlerFunc {
	return BlazarError(http.StatusForbidden, "PolicyNotAuthorized", "Policy doesn't allow "+rule+" to be performed.")
}

// Busy is 429 with a Retry-After: seconds, or a date.
func Busy(retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		Text(http.StatusTooManyRequests, "Too many requests")(w, r)
	}
}

// Text answers in plain text.
func Text(status int, text string) http.HandlerFunc {
	return Body(status, "text/plain; charset=utf-8", text)
}

// HTML is what a portal in the way says.
func HTML(status int) http.HandlerFunc {
	return Body(status, "text/html", "<!DOCTYPE html>\n<html><title>Log in</title></html>\n")
}

// Body answers anything.
func Body(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// JSON answers 200 with a body that may be no JSON.
func JSON(body string) http.HandlerFunc {
	return Body(http.StatusOK, "application/json", body)
}

// CutOff promises more bytes than it sends.
func CutOff(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		io.WriteString(w, body)
	}
}

// Hang says nothing at all.
func Hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// Endless starts an answer and goes on for ever: as fast as it is taken, with
// pause 0.
func Endless(start, more string, pause time.Duration) http.HandlerFunc {
	if pause == 0 {
		more = strings.Repeat(more, 1+(64<<10)/len(more))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, start)
		tick := time.NewTicker(max(pause, 1))
		defer tick.Stop()
		for {
			if _, err := io.WriteString(w, more); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			if pause == 0 && r.Context().Err() == nil {
				continue
			}
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	}
}
