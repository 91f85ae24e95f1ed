// Package hosttest answers as hosts of plain files do: GitHub Pages, Netlify and Cloudflare
// Pages, as far as their documentation, and for Cloudflare its published source, says.
package hosttest

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Handler serves the files of a directory as a host does, by its name.
func Handler(host, dir string) http.Handler {
	s := &site{dir: dir}
	s.headers = parseHeaders(s.text("_headers"))
	s.redirects = parseRedirects(s.text("_redirects"))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host != "pages" {
			s.setHeaders(w.Header(), r.URL.EscapedPath())
		}
		switch host {
		case "pages":
			s.pages(w, r)
		case "netlify":
			s.netlify(w, r)
		case "cloudflare":
			s.cloudflare(w, r)
		}
	})
}

type site struct {
	dir       string
	headers   []headerRule
	redirects []redirectRule
}

func (s *site) text(name string) string {
	text, _ := os.ReadFile(filepath.Join(s.dir, name)) // there may be none
	return string(text)
}

// file reports whether a path, which is decoded, names a file that the host serves.
func (s *site) file(path string) bool {
	if path == "/_headers" || path == "/_redirects" {
		return false
	}
	info, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(path)))
	return err == nil && info.Mode().IsRegular()
}

// serve answers with a file.
func (s *site) serve(w http.ResponseWriter, r *http.Request, path string, status int) {
	body, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}

	types := map[string]string{".json": "application/json", ".html": "text/html; charset=utf-8",
		".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
	if w.Header().Get("Content-Type") == "" {
		if t := types[filepath.Ext(path)]; t != "" {
			w.Header().Set("Content-Type", t)
		} else {
			w.Header().Set("Content-Type", "application/octet-stream")
		}
	}

	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func (s *site) notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Del("Content-Type")
	s.serve(w, r, "/404.html", http.StatusNotFound)
}

// redirect keeps the query, as all of these hosts do.
func redirect(w http.ResponseWriter, r *http.Request, path string, status int) {
	to := url.URL{Path: path, RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String())
	w.WriteHeader(status)
}

// pages: a file, the same with .html, or a directory's index, at its path with a slash.
func (s *site) pages(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	w.Header().Set("Cache-Control", "max-age=600")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch {
	case strings.HasSuffix(p, "/") && s.file(p+"index.html"):
		s.serve(w, r, p+"index.html", http.StatusOK)
	case strings.HasSuffix(p, "/"):
		s.notFound(w, r)
	case s.file(p):
		s.serve(w, r, p, http.StatusOK)
	case s.file(p + ".html"):
		s.serve(w, r, p+".html", http.StatusOK)
	case s.isDir(p):
		redirect(w, r, p+"/", http.StatusMovedPermanently)
	default:
		s.notFound(w, r)
	}
}

func (s *site) isDir(path string) bool {
	info, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(path)))
	return err == nil && info.IsDir()
}

// netlify: a file, with or without .html or as a directory's index, whether or not the path
// ends in a slash; else a rule.
func (s *site) netlify(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	if p != "/" {
		p = strings.TrimSuffix(p, "/")
	}
	for _, file := range []string{p, p + ".html", strings.TrimSuffix(p, "/") + "/index.html"} {
		if s.file(file) {
			s.serve(w, r, file, http.StatusOK)
			return
		}
	}

	escaped := (&url.URL{Path: p}).EscapedPath()
	if to, status, ok := match(s.redirects, escaped); ok {
		target, err := url.PathUnescape(to)
		switch {
		case err == nil && status != http.StatusOK:
			redirect(w, r, target, status)
			return
		case err == nil && s.file(target):
			s.serve(w, r, target, http.StatusOK)
			return
		}
	}

	s.notFound(w, r)
}

// cloudflare: a rule, whether or not there is a file; else a file without .html, or a
// directory's index at its path with a slash.
func (s *site) cloudflare(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	if to, status, ok := match(s.redirects, r.URL.EscapedPath()); ok {
		target, err := url.PathUnescape(to)
		if err != nil {
			s.notFound(w, r)
			return
		}
		if status != http.StatusOK {
			redirect(w, r, target, status)
			return
		}
		p = target
	}

	name, isHTML := strings.CutSuffix(p, ".html")
	switch {
	case strings.HasSuffix(p, "/") && s.file(p+"index.html"):
		s.serve(w, r, p+"index.html", http.StatusOK)
	case strings.HasSuffix(p, "/"):
		s.notFound(w, r)
	case s.file(p) && isHTML && strings.HasSuffix(name, "/index"):
		redirect(w, r, strings.TrimSuffix(name, "index"), http.StatusPermanentRedirect)
	case s.file(p) && isHTML && !s.file(name):
		redirect(w, r, name, http.StatusPermanentRedirect)
	case s.file(p):
		s.serve(w, r, p, http.StatusOK)
	case s.file(p + ".html"):
		s.serve(w, r, p+".html", http.StatusOK)
	case s.file(p + "/index.html"):
		redirect(w, r, p+"/", http.StatusPermanentRedirect)
	default:
		s.notFound(w, r)
	}
}
