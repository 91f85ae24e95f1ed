package blazartest

import (
	"context"
	"fmt"
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

// BlazarError answers as Blazar's API does. Its error_name is the status.
func BlazarError(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		respond(w, status, Row{"error_code": status, "error_message": message, "error_name": status})
	}
}

// InternalError is what Blazar answers when something fails in it, such as its
// manager.
func InternalError(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusInternalServerError, Row{
		"error_code": 500, "error_message": "Internal Server Error", "error_name": "INTERNAL_SERVER_ERROR",
	})
}

// routeError is what the framework below Blazar answers.
func routeError(w http.ResponseWriter, status int, message string) {
	requestID(w)
	write(w, status, Row{"error": status, "error_message": message})
}

// KeystoneDown is what the middleware in front of Blazar answers then.
func KeystoneDown(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusServiceUnavailable, Row{
		"message": "The server is currently unavailable. Please try again at a later time.<br /><br />\nThe Keystone service is temporarily unavailable.\n\n",
		"code":    "503 Service Unavailable", "title": "Service Unavailable",
	})
}

// Traceback is what Blazar answers to a request without Accept.
func Traceback(w http.ResponseWriter, r *http.Request) {
	lines := []string{"Traceback (most recent call last):"}
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("  File \"/usr/lib/python3/dist-packages/made/up.py\", line %d, in call",
			i+1), "    return self.next(request)")
	}
	lines = append(lines, "werkzeug.exceptions.BadRequest: 400 Bad Request: Content type '' isn't supported", "")
	Body(http.StatusInternalServerError, "text/plain", strings.Join(lines, "\n"))(w, r)
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
	type fault struct {
		Code    int    `json:"code"`
		Title   string `json:"title"`
		Message string `json:"message"`
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		write(w, status, map[string]any{"error": fault{status, http.StatusText(status), message}})
	}
}

// Forbidden is a policy's refusal.
func Forbidden(rule string) http.HandlerFunc {
	return BlazarError(http.StatusForbidden, "Policy doesn't allow "+rule+" to be performed")
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
